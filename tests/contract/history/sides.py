"""Two who answer for history: from memory, and inbox-core on a real database."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from typing_extensions import override

from contracts.events import Event
from contracts.parts import Part
from contracts.rpc import HistoryAnswer, HistoryRequest
from inbox_core.app.blocking import set_blocked
from inbox_core.app.read import mark_read
from inbox_core.app.transition import transition
from inbox_core.domain.status import Status
from support.inbox import ANA
from support.memory_inbox import MemoryInbox, Thread
from support.threads import Threads


class Side(Protocol):
    """What is heard goes in as events; the rest is what a team does with a conversation."""

    async def take(self, event: Event) -> None: ...
    async def answer(self, conversation: UUID, text: str) -> None: ...
    async def close(self, conversation: UUID, at: datetime) -> None: ...
    async def read(self, conversation: UUID, up_to: int) -> None: ...
    async def block(self, conversation: UUID) -> None:
        """Whoever it is with."""
        ...

    async def ask(self, question: HistoryRequest) -> HistoryAnswer: ...


class MemorySide(Side):
    def __init__(self) -> None:
        self._inbox = MemoryInbox()

    @override
    async def take(self, event: Event) -> None:
        self._inbox.take(event)

    @override
    async def answer(self, conversation: UUID, text: str) -> None:
        self._inbox.say(self._thread(conversation), Part(kind="text", text=text))

    @override
    async def close(self, conversation: UUID, at: datetime) -> None:
        self._inbox.close(self._thread(conversation), at)

    @override
    async def read(self, conversation: UUID, up_to: int) -> None:
        self._thread(conversation).read_seq = up_to

    @override
    async def block(self, conversation: UUID) -> None:
        self._thread(conversation).person.blocked = True

    @override
    async def ask(self, question: HistoryRequest) -> HistoryAnswer:
        body = await self._inbox.answer(question.model_dump_json().encode())
        return HistoryAnswer.model_validate_json(body)

    def _thread(self, conversation: UUID) -> Thread:
        return next(one for one in self._inbox.threads if one.id == conversation)


class RealSide(Side):
    def __init__(self, threads: Threads) -> None:
        self._desk, self._inbox = threads.desk, threads.inbox

    @override
    async def take(self, event: Event) -> None:
        await self._inbox.receive(event)

    @override
    async def answer(self, conversation: UUID, text: str) -> None:
        await self._inbox.reply(conversation, text)

    @override
    async def close(self, conversation: UUID, at: datetime) -> None:
        key = (self._inbox.workspace_id, conversation)
        await transition(self._inbox.api, key, Status.CLOSED, None, ANA, at)

    @override
    async def read(self, conversation: UUID, up_to: int) -> None:
        key = (self._inbox.workspace_id, conversation)
        await mark_read(self._inbox.api, key, up_to, ANA, self._inbox.now, told=True)

    @override
    async def block(self, conversation: UUID) -> None:
        contact = next(
            row["contact_id"] for row in await self._inbox.conversations()
            if row["id"] == conversation
        )  # fmt: skip
        key = (self._inbox.workspace_id, contact)
        await set_blocked(self._inbox.api, key, ANA, self._inbox.now, blocked=True)

    @override
    async def ask(self, question: HistoryRequest) -> HistoryAnswer:
        body = await self._desk.answer(question.model_dump_json().encode())
        return HistoryAnswer.model_validate_json(body)
