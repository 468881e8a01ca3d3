"""What a conversation is and how it changes: plain Python, no I/O. Called by `app` only."""
