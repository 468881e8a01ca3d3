"""A channel that shows our own threads, over a real database, and what its visitors are told.

async def test_something(threads: Threads) -> None:
    await threads.say("v1", "hello")
    answer = await threads.history("v1")
"""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.events import Message, MessageEvent, source
from contracts.parts import Alias, Contact, Part
from contracts.rpc import HistoryAnswer, HistoryMessage, HistoryRequest
from inbox_core.adapters.postgres.history import PostgresVisitors
from inbox_core.app.history import Histories
from inbox_core.app.receive import Received
from inbox_core.app.views import MessageView
from inbox_core.entrypoints.rpc.visitors import VisitorDesk
from support.inbox import ANA, Inbox
from widget_gateway.capabilities import CAPABILITIES
from widget_gateway.site.channels import CHANNEL

TYPE = CHANNEL
SITE = "site-of-demo"


def alias(name: str) -> Alias:
    """`u:` begins the id of an identified user; anything else is a visitor's."""
    if name.startswith("u:"):
        return Alias(kind="user", value=name.removeprefix("u:"))
    return Alias(kind="visitor", value=name)


def spoken(
    external_id: str, *names: str, text: str = "hello", account: str = SITE, **fields: Any
) -> MessageEvent:
    """A message by a visitor of these names, the strongest first."""
    at: datetime = fields.pop("time")
    return MessageEvent(
        id=f"{TYPE}:{account}:message:{external_id}",
        source=source(TYPE, account),
        time=at,
        channel=TYPE,
        account=account,
        data=Message(
            external_id=external_id,
            contact=Contact(aliases=tuple(alias(name) for name in names)),
            parts=fields.pop("parts", (Part(kind="text", text=text),)),
            **fields,
        ),
    )


class Threads:
    """One workspace with one such channel, and the desk that answers for it."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox = inbox
        self.channel_id = uuid4()
        self.desk = VisitorDesk(Histories(PostgresVisitors(inbox.api), inbox.book), at_once=2)
        self._said = 0

    async def settle_in(self) -> None:
        self.inbox.book.note(CAPABILITIES)
        await self.add_channel(self.channel_id, SITE)
        user = UUID(ANA.id)
        await self.inbox.admin.execute(
            "INSERT INTO users (id, email, name, password_hash) VALUES ($1, 'a@x', 'Ana B.', 'x')",
            user,
        )
        await self.inbox.admin.execute(
            "INSERT INTO members (workspace_id, user_id, role, name)"
            " VALUES ($1, $2, 'support', 'Ana from Demo')",
            self.inbox.workspace_id,
            user,
        )

    async def add_channel(self, channel: UUID, account: str, workspace: UUID | None = None) -> None:
        await self.inbox.admin.execute(
            "INSERT INTO channels (workspace_id, id, type, account, name, secret)"
            " VALUES ($1, $2, $3, $4, 'Our site', 'sealed')",
            workspace or self.inbox.workspace_id,
            channel,
            TYPE,
            account,
        )

    async def say(self, *names: str, text: str = "hello", **fields: Any) -> Received:
        """One message more, by somebody of these names."""
        self._said += 1
        external_id = fields.pop("external_id", f"{names[-1]}:{self._said}")
        fields.setdefault("time", self.inbox.now)
        return await self.inbox.receive(spoken(external_id, *names, text=text, **fields))

    async def thread(self, name: str) -> UUID:
        """The newest conversation of whoever has this name."""
        found: UUID = await self.inbox.admin.fetchval(
            "SELECT c.id FROM conversations c JOIN identity_aliases a USING (workspace_id)"
            " WHERE a.identity_id = c.identity_id AND a.value = $1"
            " ORDER BY c.last_message_at DESC LIMIT 1",
            name.removeprefix("u:"),
        )
        return found

    async def answer(self, name: str, text: str) -> MessageView:
        return await self.inbox.reply(await self.thread(name), text)

    async def history(self, *names: str, account: str = SITE, **more: Any) -> HistoryAnswer:
        question = HistoryRequest(
            type=more.pop("type", TYPE),
            account=account,
            aliases=tuple(alias(name) for name in names),
            **more,
        )
        body = await self.desk.answer(question.model_dump_json().encode())
        return HistoryAnswer.model_validate_json(body)

    async def acts(self) -> list[tuple[str, UUID, dict[str, Any]]]:
        """The actions that would go to the adapter: what, which conversation, everything."""
        return [
            (command["data"]["action"], UUID(command["data"]["conversation_id"]), command["data"])
            for command in await self.inbox.commands()
            if command["type"] == "sluice.action.v1"
        ]

    async def refreshed(self) -> list[UUID]:
        return [thread for what, thread, _ in await self.acts() if what == "refresh"]


def texts(messages: tuple[HistoryMessage, ...]) -> list[str | None]:
    return [part.text for message in messages for part in message.parts]


@pytest.fixture
async def threads(inbox: Inbox) -> Threads:
    found = Threads(inbox)
    await found.settle_in()
    return found
