"""What every test may ask for: servers, a migrated database, an inbox over it, a whole stack."""

pytest_plugins = [
    "support.servers",
    "support.database",
    "support.inbox",
    "support.rest",
    "support.stack",
    "support.threads",
]
