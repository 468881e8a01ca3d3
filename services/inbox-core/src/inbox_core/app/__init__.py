"""Use cases: what inbox-core does, one file each, over ports. No network, no SQL here."""
