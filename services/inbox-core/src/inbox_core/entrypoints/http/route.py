"""What a route is, what its handler gets and what it gives back. The table is in routes.py."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from aiohttp import web
from pydantic import BaseModel

from inbox_core.app.access import Permission, Principal
from inbox_core.app.desk import Desk
from inbox_core.app.idempotency import Repeats
from inbox_core.app.limits import Limiter
from inbox_core.app.login import Accounts, Passwords
from inbox_core.app.ports import Store
from inbox_core.app.reading import Reading
from inbox_core.app.uploads import Uploads
from inbox_core.entrypoints.realtime.poll import EventsPage
from inbox_core.entrypoints.realtime.tickets import TicketAnswer
from vault.signing import Signer


class Tickets(Protocol):
    """Tickets for sockets: realtime's TicketOffice."""

    def issue(
        self, principal: Principal, workspace_id: UUID | None, session_ends: datetime | None
    ) -> TicketAnswer: ...


class Events(Protocol):
    """The log of changes by long poll: realtime's Poller."""

    async def events(
        self, workspace: UUID, cursor: str | None, wait_s: float, person: str | None
    ) -> EventsPage: ...


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Backend:
    """What the handlers use. Built in main().

    `signed_out` is told of every session that ends, so that its sockets are closed on every
    process.
    """

    store: Store
    reading: Reading
    accounts: Accounts
    passwords: Passwords
    limiter: Limiter
    repeats: Repeats
    signer: Signer
    desk: Desk
    uploads: Uploads
    tickets: Tickets
    events: Events
    signed_out: Callable[[Principal], Awaitable[None]]
    clock: Callable[[], datetime] = _now


@dataclass(frozen=True, slots=True)
class Call:
    """A request that may run: who, where, and its values, validated by the route's models.

    `ids` are the UUIDs of the path by name, without the workspace's, `numbers` its numbers.
    `version` is If-Match's, `repeat_key` the Idempotency-Key.
    """

    request: web.Request
    principal: Principal | None
    workspace_id: UUID | None
    ids: Mapping[str, UUID]
    numbers: Mapping[str, int]
    address: str
    body: Any = None
    query: Any = None
    version: int | None = None
    repeat_key: str | None = None

    @property
    def caller(self) -> Principal:
        """Whoever is signed in; the pipeline lets nobody else through to such a route."""
        if self.principal is None:
            raise LookupError("a route for anyone has no caller")
        return self.principal

    @property
    def workspace(self) -> UUID:
        if self.workspace_id is None:
            raise LookupError("this route belongs to no workspace")
        return self.workspace_id

    def key(self, name: str) -> tuple[UUID, UUID]:
        """(workspace, id): how use cases look things up."""
        return self.workspace, self.ids[name]


@dataclass(frozen=True, slots=True)
class Content:
    """An answer that is a file: `length` bytes of it, streamed."""

    chunks: AsyncIterator[bytes]
    mime_type: str
    length: int


@dataclass(frozen=True, slots=True)
class Answer:
    """`session`: a token to put into the cookie, "" to take the cookie back.

    `content`: a file instead of a body.
    """

    body: BaseModel | None
    status: int = 200
    version: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    session: str | None = None
    content: Content | None = None


Handler = Callable[[Backend, Call], Awaitable[Answer]]
Needs = Permission | Literal["anyone", "signed_in"]


@dataclass(frozen=True, slots=True)
class Route:
    """A row of the table, and of the OpenAPI document.

    `answers`: the successes by status. `problems`: the refusals this route has beyond those that
    follow from its other columns. `repeatable`: takes Idempotency-Key. `tagged`: its answer
    carries an ETag that If-None-Match may name. `upload`: its body is a file, which the handler
    reads as it streams in. `download`: its success is a file, whole or a range of it.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    name: str
    tag: str
    summary: str
    handler: Handler
    needs: Needs
    answers: Mapping[int, type[BaseModel] | None]
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    problems: tuple[str, ...] = ()
    repeatable: bool = False
    tagged: bool = False
    upload: bool = False
    download: bool = False
    if_match: Literal["no", "optional", "required"] = "no"

    @property
    def in_workspace(self) -> bool:
        return "{workspace_id}" in self.path

    @property
    def safe(self) -> bool:
        return self.method == "GET"
