"""Socket tickets: who may open a socket on which workspace, signed, good for thirty seconds.

A browser's WebSocket cannot carry a header, and a URL ends up in logs, so the first frame carries
a ticket. It needs no store: every process with the `sessions` ring can read it. Issued by REST
(`POST /v1/realtime/tickets`), redeemed by gateway.py.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from inbox_core.app.access import ALLOWED, Permission, Principal
from inbox_core.domain.errors import NotFound
from inbox_core.entrypoints.realtime.metrics import TICKETS
from vault.signing import Signer

GOOD_FOR_S = 30
PURPOSE = "inbox-rt-ticket/1"

Refusal = Literal["forged", "malformed", "expired", "session_ended"]


@dataclass(frozen=True, slots=True)
class Seat:
    """Who sits at a socket: `who` is a user's or token's id, `credential` names the session.

    `session_ends` None: a token that does not expire by itself.
    """

    workspace: UUID
    who: str
    role: str
    credential: str
    session_ends: datetime | None = None

    @property
    def answers(self) -> bool:
        """Whether a person sits here who may answer: neither a program nor one who only looks."""
        return self.session_ends is not None and self.role in ALLOWED[Permission.ANSWER]


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
    """What a ticket says; times are whole seconds since 1970. `nonce` makes each one different."""

    model_config = ConfigDict(extra="forbid")

    workspace: UUID
    who: str = Field(min_length=1, max_length=128)
    role: str = Field(max_length=64)
    credential: str = Field(max_length=256)
    session_ends: int | None
    expires: int
    nonce: str


def mint(signer: Signer, seat: Seat, now: datetime) -> str:
    """A ticket for this seat, good from now on for GOOD_FOR_S seconds."""
    claims = _Claims(
        workspace=seat.workspace,
        who=seat.who,
        role=seat.role,
        credential=seat.credential,
        session_ends=int(seat.session_ends.timestamp()) if seat.session_ends else None,
        expires=int(now.timestamp()) + GOOD_FOR_S,
        nonce=secrets.token_urlsafe(9),
    )
    return signer.wrap(PURPOSE, claims.model_dump_json().encode())


def redeem(signer: Signer, ticket: str, now: datetime) -> Seat:
    """The seat of a ticket. Raises TicketRefused."""
    data = signer.unwrap(PURPOSE, ticket)
    if data is None:
        raise TicketRefused("forged")
    try:
        claims = _Claims.model_validate_json(data)
    except ValidationError:
        raise TicketRefused("malformed") from None
    moment = now.timestamp()
    if moment >= claims.expires:
        raise TicketRefused("expired")
    ends = claims.session_ends
    if ends is not None and moment >= ends:
        raise TicketRefused("session_ended")
    return Seat(
        workspace=claims.workspace,
        who=claims.who,
        role=claims.role,
        credential=claims.credential,
        session_ends=datetime.fromtimestamp(ends, UTC) if ends is not None else None,
    )


class TicketOffice:
    """Issues for REST and redeems for the gateway. Built in main(), with the ring `sessions`."""

    def __init__(
        self,
        signer: Signer,
        url: str = "/v1/realtime",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._signer = signer
        self._url = url
        self._clock = clock

    def issue(
        self,
        principal: Principal,
        workspace_id: UUID | None,
        session_ends: datetime | None = None,
    ) -> TicketAnswer:
        """What `POST /v1/realtime/tickets` answers. Raises NotFound, Forbidden.

        `session_ends` is when the principal's session does; its sockets are closed then.
        """
        workspace = workspace_id or _only_workspace(principal)
        seat = Seat(
            workspace=workspace,
            who=principal.actor.id,
            role=principal.check(workspace, Permission.READ),
            credential=principal.credential,
            session_ends=session_ends,
        )
        TICKETS.labels("issued").inc()
        return TicketAnswer(ticket=mint(self._signer, seat, self._clock()), url=self._url)

    def redeem(self, ticket: str) -> Seat:
        """Raises TicketRefused."""
        try:
            seat = redeem(self._signer, ticket, self._clock())
        except TicketRefused as refused:
            TICKETS.labels(refused.reason).inc()
            raise
        TICKETS.labels("redeemed").inc()
        return seat

    def left_s(self, seat: Seat) -> float | None:
        """Seconds until the seat's session ends; None: it does not by itself."""
        if seat.session_ends is None:
            return None
        return (seat.session_ends - self._clock()).total_seconds()


def _only_workspace(principal: Principal) -> UUID:
    """Raises NotFound."""
    if len(principal.memberships) != 1:
        raise NotFound("Name the workspace: you belong to none or to several.")
    return next(iter(principal.memberships))
