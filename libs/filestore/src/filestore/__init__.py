"""Media and uploads of all workspaces in one object store, addressed by URL."""
