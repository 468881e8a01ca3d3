"""How much an address, a visitor and a workspace may ask for. THE table of rates.

A refusal is 429 with Retry-After, or a `refused` frame with `retry_s`; typing is dropped. Other
bounds stand where they hold: frames (sizes), places.py (what is under way at a time), lines
(queues), settings.py (sockets, uploads).
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from adapter.deliver.buckets import Buckets, Rate
from chassis.metrics import count

Scope = Literal["address", "visitor", "workspace"]
Name = Literal[
    "sessions", "proofs", "looks", "sockets", "uploads", "posts", "posted", "polls", "frames",
    "typing", "messages", "text", "workspace", "workspace_text",
]  # fmt: skip


class Limit(NamedTuple):
    """`burst` at once, then `per_s` each second. `shared`: over all replicas, where Redis is."""

    scope: Scope
    burst: int
    per_s: float
    shared: bool


LIMITS: Mapping[Name, Limit] = {
    # Of an address: an office, a school or a mobile network may stand behind one.
    "looks": Limit("address", 120, 4, shared=False),
    "sessions": Limit("address", 60, 1, shared=True),
    "sockets": Limit("address", 240, 8, shared=True),
    "uploads": Limit("address", 30, 0.5, shared=True),
    # Requests of the long poll and beside it; then the KiB they say they bring, before any is read.
    "posts": Limit("address", 600, 60, shared=False),
    "posted": Limit("address", 16384, 256, shared=False),
    # KiB of messages, each at least one: the bus keeps them for days, those of all workspaces in
    # one stream, and a new visitor costs nothing.
    "text": Limit("address", 8192, 16, shared=True),
    # Of a visitor.
    "polls": Limit("visitor", 20, 2, shared=False),
    "frames": Limit("visitor", 80, 20, shared=False),
    "typing": Limit("visitor", 4, 0.7, shared=False),
    "messages": Limit("visitor", 40, 2, shared=True),
    # Of a workspace: proofs of identity, which all workspaces' nonces share one bucket for; then
    # what its inbox can take in.
    "proofs": Limit("workspace", 1000, 50, shared=True),
    "workspace": Limit("workspace", 2000, 1000, shared=True),
    "workspace_text": Limit("workspace", 65536, 256, shared=True),  # whole KiB
}


class Limiter:
    """Counts. `shared` knows of other replicas, `here` only of this process."""

    def __init__(
        self,
        shared: Buckets,
        here: Buckets,
        instead: Mapping[Name, tuple[int, float]] | None = None,
    ) -> None:
        self._shared = shared
        self._here = here
        self._limits = dict(LIMITS)
        for name, (burst, per_s) in (instead or {}).items():
            self._limits[name] = self._limits[name]._replace(burst=burst, per_s=per_s)

    async def take(self, name: Name, key: str, amount: int = 1) -> float:
        """0: go on. Else nothing was taken: ask again after so many seconds."""
        limit = self._limits[name]
        burst = max(1, limit.burst // amount)
        rate = Rate(f"widget:{name}:{key}", amount / limit.per_s, burst)
        wait_s = await (self._shared if limit.shared else self._here).take([rate], 0.0)
        if wait_s > 0:
            count("limit", "refused", name)
        return max(0.0, wait_s)
