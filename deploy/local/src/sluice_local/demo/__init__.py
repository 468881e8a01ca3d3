"""The demo: lifelike traffic against the running stack, and what became of it."""
