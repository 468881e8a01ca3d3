"""NATS, Postgres and Redis from wheels, on loopback. Used by the local stack and by the tests."""
