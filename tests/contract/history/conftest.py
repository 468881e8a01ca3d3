"""Every story of this folder runs twice: over the fake and over inbox-core on a real database."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from contract.history.sides import MemorySide, RealSide, Side
from contracts.events import Deletion, DeletionEvent, Rating, RatingEvent, source
from contracts.parts import Contact
from contracts.rpc import HistoryAnswer, HistoryRequest
from support.threads import SITE, TYPE, Threads, alias, spoken

OF_CHANNEL: dict[str, Any] = {"source": source(TYPE, SITE), "channel": TYPE, "account": SITE}


class Story:
    """What visitors do. `side`: what the team does, on either side."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self._said = 0

    async def say(self, *names: str, text: str = "hello", **fields: Any) -> None:
        """By somebody of these names, the strongest first. `id`: as the browser names it."""
        self._said += 1
        external_id = fields.pop("id", f"m.{self._said}")
        fields.setdefault("time", datetime.now(UTC))
        await self.side.take(spoken(external_id, *names, text=text, **fields))

    async def take_back(self, external_id: str) -> None:
        event = DeletionEvent(
            id=f"deletion:{external_id}", time=datetime.now(UTC), **OF_CHANNEL,
            data=Deletion(external_id=external_id),
        )  # fmt: skip
        await self.side.take(event)

    async def rate(self, conversation: UUID, score: int, *names: str) -> None:
        self._said += 1
        who = Contact(aliases=tuple(alias(name) for name in names))
        event = RatingEvent(
            id=f"rating:{self._said}", time=datetime.now(UTC), **OF_CHANNEL,
            data=Rating(contact=who, conversation_id=conversation, score=score),
        )  # fmt: skip
        await self.side.take(event)

    async def ask(self, *names: str, **more: Any) -> HistoryAnswer:
        aliases = tuple(alias(name) for name in names)
        question = HistoryRequest(type=TYPE, account=SITE, aliases=aliases, **more)
        return await self.side.ask(question)

    async def newest(self, *names: str) -> UUID:
        """Conversation of theirs."""
        return (await self.ask(*names)).threads[0].id


@pytest.fixture(params=["memory", "inbox-core"])
def story(request: pytest.FixtureRequest) -> Story:
    if request.param == "memory":
        return Story(MemorySide())
    threads: Threads = request.getfixturevalue("threads")
    return Story(RealSide(threads))
