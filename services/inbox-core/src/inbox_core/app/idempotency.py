"""Repeated requests: the port behind `Idempotency-Key` (adapters/postgres/idempotency.py).

A key belongs to whoever sent it and to one request; the first answer is kept for a day and given
again. A process that dies between its answer and keeping it leaves the key claimed for a minute;
then the request runs anew, which the use cases bear by their own unique keys.
"""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

KEPT_S = 24 * 3600
CLAIM_S = 60


@dataclass(frozen=True, slots=True)
class RequestKey:
    """`principal` is the credential's owner, `request_hash` covers method, path and body."""

    workspace_id: UUID
    principal: str
    key: str
    request_hash: bytes


@dataclass(frozen=True, slots=True)
class Claimed:
    """Ours: run the request, then `keep` its answer or `forget` the key."""


@dataclass(frozen=True, slots=True)
class Replay:
    """Answered before."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class InFlight:
    """Another request with this key has not been answered yet."""


@dataclass(frozen=True, slots=True)
class Reused:
    """The key was used for another request."""


Claim = Claimed | Replay | InFlight | Reused


class Repeats(Protocol):
    async def claim(self, request: RequestKey) -> Claim: ...

    async def keep(self, request: RequestKey, status: int, body: bytes) -> None:
        """Best effort: the request has been carried out, whether or not this can be noted."""
        ...

    async def forget(self, request: RequestKey) -> None:
        """Let the request be tried again with the same key. Best effort."""
        ...
