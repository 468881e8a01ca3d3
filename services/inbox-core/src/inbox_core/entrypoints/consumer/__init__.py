"""What the worker reads from INBOUND, and the chores beside it."""
