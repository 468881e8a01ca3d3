"""The team behind a widget, in place of inbox-core: reads INBOUND, answers, tells history.

    team = Team()
    async with widget_world(rig, history=team) as world, team.at_work(rig.bus, world), …:
        await team.heard("Hello")
        await team.reply(visitor_alias, "Hi")

What it knows and tells is memory_inbox.py; here are its ways to the bus. An answer is told to the
bus only when history has it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

from typing_extensions import override

from bus.errors import Retryable, Unavailable
from contracts import batch, subjects
from contracts.commands import Action, ActionCommand, CommandId, Send, SendCommand, Shown
from contracts.events import Event, RatingEvent, SendResultEvent, WatermarkEvent
from contracts.parts import Alias, Part
from contracts.rpc import HistoryAnswer, HistoryMessage, HistoryRequest
from support.memory_inbox import MemoryInbox, Name, Thread
from support.rigs import AnyBus
from support.waiting import eventually
from support.widget import ACCOUNT
from widget_gateway.site.channels import CHANNEL

LOOK_S = 0.03
"""Between two looks at INBOUND."""
Answer = SendCommand | ActionCommand


class Stand(Protocol):
    """Which channel it is: a WidgetWorld, say."""

    @property
    def workspace_id(self) -> UUID: ...
    @property
    def channel_id(self) -> UUID: ...


@dataclass
class Team(MemoryInbox):
    """`away`: questions are not answered. `limit`: messages of one page, below what is asked."""

    marks: list[WatermarkEvent] = field(default_factory=list)
    ratings: list[RatingEvent] = field(default_factory=list)
    results: list[SendResultEvent] = field(default_factory=list)
    away: bool = False
    limit: int = 100
    bus: AnyBus | None = None
    world: Stand | None = None
    carry: Callable[[Answer], Awaitable[None]] | None = None
    """Takes commands in place of the bus."""

    @asynccontextmanager
    async def at_work(self, bus: AnyBus, world: Stand) -> AsyncIterator["Team"]:
        """Follow INBOUND while inside."""
        self.bus, self.world = bus, world
        task = asyncio.create_task(self._follow(bus))
        try:
            yield self
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def heard(self, text: str) -> None:
        """Returns when somebody has said this."""
        await eventually(lambda: text in self.texts())

    async def reply(self, name: Name, text: str, *more: Part, author: str = "Ana") -> UUID:
        """Write to somebody; every part is a send of its own. Returns when the bus has it."""
        thread = self.thread(name)
        said = self.say(thread, Part(kind="text", text=text), *more, author=author)
        for index, part in enumerate(said.parts):
            await self._command(self._send(thread, said, part, index, author))
        return said.id

    async def act(self, name: Name, action: Any, author: str | None = None) -> None:
        """typing_on, typing_off, refresh or read."""
        thread, now = self.thread(name), datetime.now(UTC)
        data = Action(
            **self._to(thread), action=action, author=author, not_after=now + timedelta(seconds=30)
        )
        await self._command(ActionCommand(**_envelope(str(uuid4()), now), data=data))

    @override
    def tell(self, ask: HistoryRequest) -> HistoryAnswer:
        if self.away:
            raise Unavailable("the team is away")
        return super().tell(ask.model_copy(update={"limit": min(ask.limit, self.limit)}))

    async def _command(self, command: Answer) -> None:
        if self.carry is not None:
            await self.carry(command)
            return
        job: Any = "send" if isinstance(command, SendCommand) else "action"
        assert self.bus is not None
        await self.bus.publisher.publish(
            subjects.outbound(CHANNEL, job), batch.pack([batch.encode(command)])
        )

    def _send(
        self, thread: Thread, said: HistoryMessage, part: Part, index: int, author: str
    ) -> SendCommand:
        shown = Shown(seq=said.seq, at=said.at, author=author, parts=len(said.parts))
        data = Send(
            **self._to(thread), part=part, shown=shown, not_after=said.at + timedelta(hours=1)
        )
        return SendCommand(**_envelope(str(CommandId(said.id, 1, index)), said.at), data=data)

    def _to(self, thread: Thread) -> dict[str, Any]:
        """Of every command: to whom."""
        assert self.world is not None
        return {
            "workspace_id": self.world.workspace_id,
            "channel_id": self.world.channel_id,
            "conversation_id": thread.id,
            "to": tuple(Alias(kind=kind, value=name) for kind, name in sorted(thread.person.names)),
        }

    async def _follow(self, bus: AnyBus) -> None:
        place = 0
        while True:
            try:
                for stored in await bus.read("INBOUND", "inbound.>", place, 256):
                    place = stored.sequence
                    for item in batch.unpack(stored.body):
                        self.take(batch.decode_event(item))
            except Retryable:
                pass
            await asyncio.sleep(LOOK_S)

    @override
    def take(self, event: Event) -> None:
        match event:
            case WatermarkEvent():
                self.marks.append(event)
            case SendResultEvent():
                self.results.append(event)
            case RatingEvent():
                self.ratings.append(event)
            case _:
                pass
        super().take(event)


def _envelope(id_: str, at: datetime) -> dict[str, Any]:
    return {"id": id_, "time": at, "channel": CHANNEL, "account": ACCOUNT}
