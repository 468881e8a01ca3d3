"""Secrets at rest: envelope encryption with key rings, one ring a purpose."""
