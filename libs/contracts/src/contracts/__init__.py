"""The wire: every event, command and change that crosses the bus. pydantic only."""
