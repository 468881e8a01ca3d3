"""What every test may ask for: real servers, and a database as inbox-core has it."""

pytest_plugins = ["support.servers", "support.database", "support.inbox"]
