"""Postgres: the only place of SQL. Queries in queries/*.sql, mapping in mapping.py."""
