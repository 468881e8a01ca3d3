"""Sessions of visitors: tokens, proofs of identity, and how a session begins and ends."""
