"""The backend of the API over a real database: what main() would build, and what is behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from contracts.capabilities import Rates, TextLimit
from contracts.rpc import ValidateAnswer, ValidateRequest
from filestore.opening import open_store
from filestore.store import FileStore
from inbox_core.adapters.passwords import Argon2Passwords
from inbox_core.adapters.postgres.accounts import PostgresAccounts
from inbox_core.adapters.postgres.idempotency import PostgresRepeats
from inbox_core.adapters.postgres.reading import PostgresReading
from inbox_core.adapters.postgres.store import PostgresStore, open_pool
from inbox_core.app.access import Principal
from inbox_core.app.capabilities import Book
from inbox_core.app.desk import Desk
from inbox_core.app.limits import Limit, Limiter
from inbox_core.app.uploads import Uploads
from inbox_core.entrypoints.http.route import Backend
from inbox_core.entrypoints.realtime.poll import EventsPage
from inbox_core.entrypoints.realtime.tickets import TicketOffice
from support.capable import capable
from support.database import Database
from vault.keyring import KeyRing
from vault.signing import Signer

MAX_UPLOAD = 256 * 1024


class NoLimits:
    """For tests that are not about limits."""

    async def take(self, limit: Limit, key: str) -> float:  # noqa: ARG002 - the port's shape
        return 0.0


class QuietEvents:
    """A log in which nothing happens."""

    async def events(
        self,
        workspace: UUID,  # noqa: ARG002 - the port's shape, as below
        cursor: str | None,  # noqa: ARG002
        wait_s: float,  # noqa: ARG002
        person: str | None,  # noqa: ARG002
    ) -> EventsPage:
        return EventsPage(cursor="1.0")


@dataclass
class Backends:
    """A backend and what a test may look at behind it.

    `book`: what channels can do; a test may note more. The last of `adapter` answers validations:
    None is nobody. `mirrored` counts calls of the mirror, `ended` names who signed out.
    """

    backend: Backend
    ring: KeyRing
    repeats: PostgresRepeats
    book: Book
    files: FileStore
    adapter: list[ValidateAnswer | None] = field(default_factory=lambda: [ValidateAnswer()])
    asked: list[ValidateRequest] = field(default_factory=list)
    mirrored: list[None] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)


@asynccontextmanager
async def backends(database: Database, limiter: Limiter | None = None) -> AsyncIterator[Backends]:
    """Everything main() would build for the API, over this database."""
    pool = await open_pool(database.api_url, size=4, name="test api")
    passwords = Argon2Passwords()
    book = Book(
        {"whatsapp": capable("whatsapp", text=TextLimit(max=4096), rates=Rates(account=80))}
    )
    store = PostgresStore(pool, book=book)
    files = open_store("memory:///")
    ring = KeyRing.new("channels", "test")
    repeats = PostgresRepeats(store)
    signer = Signer([b"k" * 32])

    async def signed_out(principal: Principal) -> None:
        parts.ended.append(principal.credential)

    parts = Backends(cast(Any, None), ring, repeats, book, files)

    async def ask(question: ValidateRequest) -> ValidateAnswer | None:
        parts.asked.append(question)
        return parts.adapter[-1]

    parts.backend = Backend(
        store=store,
        reading=PostgresReading(store),
        accounts=PostgresAccounts(pool),
        passwords=passwords,
        limiter=limiter or NoLimits(),
        repeats=repeats,
        signer=signer,
        desk=Desk(store, lambda: parts.mirrored.append(None), ring, ask),
        uploads=Uploads(files, MAX_UPLOAD),
        tickets=TicketOffice(signer),
        events=QuietEvents(),
        signed_out=signed_out,
    )
    try:
        yield parts
    finally:
        passwords.close()
        await pool.close()
