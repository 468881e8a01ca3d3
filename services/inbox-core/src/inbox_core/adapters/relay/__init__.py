"""From Postgres to the bus: the outbox' relay, and the mirror of channel accounts."""
