"""Socket tickets: who may open a socket on which workspace, signed, good for thirty seconds.

A browser's WebSocket cannot carry a header, and a URL ends up in logs, so the first frame carries
a ticket. It needs no store: every process with the `sessions` ring can read it. The text is

    rt1.<key id>.<claims, JSON, base64url>.<HMAC-SHA256 of all before, base64url>

Minted by `issue`, which the REST table includes; read by gateway.py.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inbox_core.entrypoints.realtime.metrics import TICKETS
from vault.errors import UnknownKey
from vault.keyring import KeyRing

VERSION = "rt1"
GOOD_FOR_S = 30
MAX_CHARACTERS = 2048
_PURPOSE = b"sluice inbox-rt ticket 1"
"""Keeps the ring's key apart from its other uses."""

Refusal = Literal["malformed", "unknown_key", "tampered", "expired", "session_ended"]


@dataclass(frozen=True, slots=True)
class Seat:
    """Who sits at a socket. `session_ends` None: a token that does not expire by itself."""

    workspace: UUID
    principal: str
    role: str
    session_ends: datetime | None = None


class TicketRefused(Exception):
    """`reason` is a word for the counter; the client hears no more than that it was refused."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason: Refusal = reason


class TicketRequest(BaseModel):
    """`workspace_id` may be left out by a principal that belongs to one workspace only."""

    workspace_id: UUID | None = None


class TicketAnswer(BaseModel):
    """Open `url` and send `ticket` in `hello` within `expires_in` seconds."""

    ticket: str
    url: str
    expires_in: int = GOOD_FOR_S


class _Claims(BaseModel):
    model_config = ConfigDict(strict=False, extra="forbid")

    w: UUID
    p: str = Field(min_length=1, max_length=128)
    r: str = Field(max_length=64)
    s: int | None
    e: int
    j: str


def mint(ring: KeyRing, seat: Seat, now: datetime) -> str:
    """A ticket for this seat, good from now on for GOOD_FOR_S seconds."""
    claims = {
        "w": str(seat.workspace),
        "p": seat.principal,
        "r": seat.role,
        "s": int(seat.session_ends.timestamp()) if seat.session_ends else None,
        "e": int(now.timestamp()) + GOOD_FOR_S,
        "j": secrets.token_urlsafe(12),
    }
    signed = f"{VERSION}.{ring.active}.{_to_text(orjson.dumps(claims))}"
    return f"{signed}.{_to_text(_signature(ring.key(ring.active), signed))}"


def redeem(ring: KeyRing, ticket: str, now: datetime) -> Seat:
    """The seat of a ticket. Raises TicketRefused.

    Expiry is looked at after the signature, so that nothing is learnt from a forged one.
    """
    claims = _verified(ring, ticket)
    moment = now.timestamp()
    if moment >= claims.e:
        raise TicketRefused("expired")
    if claims.s is not None and moment >= claims.s:
        raise TicketRefused("session_ended")
    ends = datetime.fromtimestamp(claims.s, UTC) if claims.s is not None else None
    return Seat(claims.w, claims.p, claims.r, ends)


class TicketOffice:
    """Issues and redeems with one ring. Built in main(), used by REST and by the gateway."""

    def __init__(
        self,
        ring: KeyRing,
        url: str = "/v1/realtime",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._ring = ring
        self._url = url
        self._clock = clock

    def issue(self, seat: Seat) -> TicketAnswer:
        """`POST /v1/realtime/tickets`. The caller has checked that the seat is the principal's."""
        TICKETS.labels("issued").inc()
        return TicketAnswer(ticket=mint(self._ring, seat, self._clock()), url=self._url)

    def redeem(self, ticket: str) -> Seat:
        """Raises TicketRefused."""
        try:
            seat = redeem(self._ring, ticket, self._clock())
        except TicketRefused as refused:
            TICKETS.labels(refused.reason).inc()
            raise
        TICKETS.labels("redeemed").inc()
        return seat

    def left_s(self, seat: Seat) -> float | None:
        """Seconds until the seat's session ends; None: it does not."""
        if seat.session_ends is None:
            return None
        return (seat.session_ends - self._clock()).total_seconds()


def _verified(ring: KeyRing, ticket: str) -> _Claims:
    signed, _, mac = ticket.rpartition(".")
    version, _, rest = signed.partition(".")
    key_id, _, body = rest.partition(".")
    if len(ticket) > MAX_CHARACTERS or version != VERSION or not ticket.isascii():
        raise TicketRefused("malformed")
    try:
        key = ring.key(key_id)
    except UnknownKey:
        raise TicketRefused("unknown_key") from None
    if not hmac.compare_digest(_to_text(_signature(key, signed)), mac):
        raise TicketRefused("tampered")
    try:
        return _Claims.model_validate_json(_from_text(body))
    except (ValidationError, binascii.Error):
        raise TicketRefused("malformed") from None


def _signature(key: bytes, signed: str) -> bytes:
    derived = hmac.digest(key, _PURPOSE, hashlib.sha256)
    return hmac.digest(derived, signed.encode(), hashlib.sha256)


def _to_text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _from_text(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
