"""Limits on how often: the table, and the port that counts (adapters/redis/limits.py)."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Limit:
    """A token bucket: `burst` at once, filled again evenly within `refill_s`."""

    name: str
    burst: int
    refill_s: float


LOGIN_BY_ADDRESS = Limit("login_address", burst=20, refill_s=60)
"""A whole office may sit behind one address."""
LOGIN_BY_EMAIL = Limit("login_email", burst=10, refill_s=300)
"""Guesses at one account, from wherever they come."""
TYPING = Limit("typing", burst=1, refill_s=3)
"""Of one conversation: a mark lasts longer than this on every platform."""


class Limiter(Protocol):
    async def take(self, limit: Limit, key: str) -> float:
        """Take one token of the bucket; 0 when there was one, else the seconds until there is.

        Never raises: without its server it counts in this process, at a quarter of the limit.
        """
        ...
