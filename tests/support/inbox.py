"""inbox-core's use cases over a real database, as a test talks to them.

async def test_something(inbox: Inbox) -> None:
    await inbox.receive(message("wamid.1", text="hello"))
    [row] = await inbox.conversations()
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest

from contracts.capabilities import TextLimit
from contracts.events import Event
from inbox_core.adapters.postgres.store import PostgresStore, open_pool
from inbox_core.app.capabilities import Book
from inbox_core.app.drafts import TextDraft
from inbox_core.app.receive import Received, receive
from inbox_core.app.reply import Answer, reply
from inbox_core.app.views import MessageView
from inbox_core.domain.actors import Actor
from support.capable import capable
from support.database import Database
from support.events import ACCOUNT

WHATSAPP = capable(text=TextLimit(max=4096), window=None, profiles=False)
ANA = Actor("user", str(UUID(int=7)), "Ana")


class Inbox:
    """One workspace with one WhatsApp channel. `now` may be moved by a test.

    `book`: what channels can do; a test may note more.
    """

    def __init__(
        self, api: PostgresStore, worker: PostgresStore, admin: asyncpg.Connection, book: Book
    ) -> None:
        self.book = book
        self.api = api
        self.worker = worker
        self.admin = admin
        self.workspace_id = uuid4()
        self.channel_id = uuid4()
        self._moment: datetime | None = None

    @property
    def now(self) -> datetime:
        return self._moment or datetime.now(UTC)

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        self._moment = moment
        yield
        self._moment = None

    async def settle_in(self) -> None:
        await self.admin.execute(
            "INSERT INTO workspaces (id, name) VALUES ($1, 'Demo')", self.workspace_id
        )
        await self.add_channel(self.channel_id, ACCOUNT)

    async def add_channel(self, channel_id: UUID, account: str) -> None:
        await self.admin.execute(
            "INSERT INTO channels (workspace_id, id, type, account, name, secret)"
            " VALUES ($1, $2, 'whatsapp', $3, 'Main number', 'sealed')",
            self.workspace_id,
            channel_id,
            account,
        )

    async def receive(self, *events: Event) -> Received:
        return await receive(self.worker, events, self.now)

    async def reply(self, conversation_id: UUID, text: str, client_msg_id: str = "") -> MessageView:
        key = (self.workspace_id, conversation_id)
        answer = Answer((TextDraft(type="text", text=text),), client_msg_id or str(uuid4()))
        view, _ = await reply(self.api, key, answer, ANA, self.now)
        return view

    async def rows(self, table: str, order: str = "1") -> list[dict[str, Any]]:
        found = await self.admin.fetch(f"SELECT * FROM {table} ORDER BY {order}")  # noqa: S608 - a test's own words
        return [dict(row) for row in found]

    async def conversations(self) -> list[dict[str, Any]]:
        return await self.rows("conversations", "created_at, id")

    async def messages(self) -> list[dict[str, Any]]:
        return await self.rows("messages", "conversation_id, seq")

    async def commands(self) -> list[dict[str, Any]]:
        """What would go to the adapters, in order."""
        return await self._outbox("commands")

    async def changes(self) -> list[dict[str, Any]]:
        """What screens would be told, in order."""
        return await self._outbox("changes")

    async def forget_outbox(self) -> None:
        await self.admin.execute("DELETE FROM outbox")

    async def _outbox(self, lane: str) -> list[dict[str, Any]]:
        rows = await self.admin.fetch("SELECT body FROM outbox WHERE lane = $1 ORDER BY id", lane)
        return [event for row in rows for event in orjson.loads(row["body"])]


@pytest.fixture
async def inbox(database: Database) -> AsyncIterator[Inbox]:
    api = await open_pool(database.api_url, size=4, name="test api")
    worker = await open_pool(database.worker_url, size=4, name="test worker")
    admin = await asyncpg.connect(database.admin_url)
    try:
        book = Book({"whatsapp": WHATSAPP})
        stores = (PostgresStore(api, book=book), PostgresStore(worker, book=book))
        found = Inbox(*stores, admin, book)
        await found.settle_in()
        yield found
    finally:
        await admin.close()
        await api.close()
        await worker.close()
