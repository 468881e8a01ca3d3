"""What other services ask of inbox-core over the bus, answered in the role `api`."""
