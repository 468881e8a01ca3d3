"""The team behind a widget, in place of inbox-core: reads INBOUND, keeps threads, tells history.

    team = Team()
    async with widget_world(rig, history=team) as world, team.at_work(rig.bus, world), …:
        await team.heard("Hello")
        await team.reply(visitor_alias, "Hi")

It holds to what contracts.rpc and contracts.events promise: a message once by its external id,
numbers without a hole, an answer told to the bus only when history has it.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from uuid import UUID, uuid4

from typing_extensions import override

from bus.errors import Retryable, Unavailable
from contracts import batch, subjects
from contracts.commands import Action, ActionCommand, CommandId, Send, SendCommand, Shown
from contracts.events import MessageEvent, RatingEvent, SendResultEvent, WatermarkEvent
from contracts.parts import Alias, Part
from contracts.rpc import HistoryAnswer, HistoryMessage, HistoryRequest, HistoryThread
from support.rigs import AnyBus
from support.waiting import eventually
from support.widget import ACCOUNT, HistoryDesk
from widget_gateway.site.channels import CHANNEL

LOOK_S = 0.03
"""Between two looks at INBOUND."""
Name = tuple[str, str]
Answer = SendCommand | ActionCommand


class Stand(Protocol):
    """Which channel it is: a WidgetWorld, say."""

    @property
    def workspace_id(self) -> UUID: ...
    @property
    def channel_id(self) -> UUID: ...


@dataclass
class Thread:
    """One person's conversation."""

    names: set[Name]
    id: UUID = field(default_factory=uuid4)
    open: bool = True
    messages: list[HistoryMessage] = field(default_factory=list)
    read_seq: int = 0
    rating: int | None = None
    blocked: bool = False

    @property
    def texts(self) -> list[str]:
        return ["".join(part.text or "" for part in one.parts) for one in self.messages]

    def head(self) -> HistoryThread:
        last = self.messages[-1]
        return HistoryThread(
            id=self.id,
            open=self.open,
            last_seq=last.seq,
            read_seq=self.read_seq,
            last_message_at=last.at,
            closed_at=None if self.open else last.at,
            rating=self.rating,
        )

    def add(self, at: datetime, parts: Sequence[Part], **more: Any) -> HistoryMessage:
        message = HistoryMessage(
            id=more.pop("id", None) or uuid4(),
            conversation_id=self.id,
            seq=len(self.messages) + 1,
            at=at,
            parts=tuple(parts),
            **more,
        )
        self.messages.append(message)
        return message


@dataclass
class Team(HistoryDesk):
    """`away`: questions are not answered. `limit`: messages of one page, below what is asked."""

    threads: list[Thread] = field(default_factory=list)
    marks: list[WatermarkEvent] = field(default_factory=list)
    ratings: list[RatingEvent] = field(default_factory=list)
    results: list[SendResultEvent] = field(default_factory=list)
    repeated: int = 0
    away: bool = False
    limit: int = 100
    bus: AnyBus | None = None
    world: Stand | None = None
    carry: Callable[[Answer], Awaitable[None]] | None = None
    """Takes commands in place of the bus."""
    _seen: set[str] = field(default_factory=set)

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

    def thread(self, name: Name) -> Thread:
        """The newest one of somebody."""
        return next(t for t in reversed(self.threads) if name in t.names)

    def texts(self) -> list[str]:
        """Of all messages, thread by thread."""
        return [text for thread in self.threads for text in thread.texts]

    async def heard(self, text: str) -> None:
        """Returns when somebody has said this."""
        await eventually(lambda: text in self.texts())

    async def reply(self, name: Name, text: str, *more: Part, author: str = "Ana") -> UUID:
        """Write to somebody; every part is a send of its own. Returns when the bus has it."""
        thread = self.thread(name)
        parts = (Part(kind="text", text=text), *more)
        said = thread.add(datetime.now(UTC), parts, by="user", author=author)
        for index, part in enumerate(parts):
            await self._command(self._send(thread, said, part, index, author))
        return said.id

    async def act(self, name: Name, action: Any, author: str | None = None) -> None:
        """typing_on, typing_off, refresh or read."""
        thread = self.thread(name)
        now = datetime.now(UTC)
        await self._command(
            ActionCommand(
                id=str(uuid4()),
                time=now,
                channel=CHANNEL,
                account=ACCOUNT,
                data=Action(
                    workspace_id=self._world.workspace_id,
                    channel_id=self._world.channel_id,
                    conversation_id=thread.id,
                    to=_aliases(thread),
                    action=action,
                    author=author,
                    not_after=now + timedelta(seconds=30),
                ),
            )
        )

    @override
    async def answer(self, body: bytes) -> bytes:
        """Of rpc.inbox-core.visitor.history."""
        ask = HistoryRequest.model_validate_json(body)
        self.asked.append(ask)
        if self.away:
            raise Unavailable("the team is away")
        return self._told(ask).model_dump_json().encode()

    async def _command(self, command: Answer) -> None:
        if self.carry is not None:
            await self.carry(command)
            return
        job: Any = "send" if isinstance(command, SendCommand) else "action"
        assert self.bus is not None
        await self.bus.publisher.publish(
            subjects.outbound(CHANNEL, job), batch.pack([batch.encode(command)])
        )

    @property
    def _world(self) -> Stand:
        assert self.world is not None
        return self.world

    def _send(
        self, thread: Thread, said: HistoryMessage, part: Part, index: int, author: str
    ) -> SendCommand:
        return SendCommand(
            id=str(CommandId(said.id, 1, index)),
            time=said.at,
            channel=CHANNEL,
            account=ACCOUNT,
            data=Send(
                workspace_id=self._world.workspace_id,
                channel_id=self._world.channel_id,
                conversation_id=thread.id,
                to=_aliases(thread),
                part=part,
                shown=Shown(seq=said.seq, at=said.at, author=author, parts=len(said.parts)),
                not_after=said.at + timedelta(hours=1),
            ),
        )

    def _told(self, ask: HistoryRequest) -> HistoryAnswer:
        names = {(alias.kind, alias.value) for alias in ask.aliases}
        mine = [thread for thread in reversed(self.threads) if thread.names & names]
        if any(thread.blocked for thread in mine):
            return HistoryAnswer(blocked=True)
        limit = min(ask.limit, self.limit)
        if ask.before is not None:
            return _before(mine, *ask.before, limit)
        found: list[HistoryMessage] = []
        for thread in mine:
            after = ask.after.get(thread.id)
            if after is not None:
                found += [one for one in thread.messages if one.seq > after]
            elif thread is mine[0]:
                found += thread.messages[-limit:]
        heads = tuple(thread.head() for thread in mine[:20])
        return HistoryAnswer(threads=heads, messages=tuple(found[:limit]), more=len(found) > limit)

    async def _follow(self, bus: AnyBus) -> None:
        place = 0
        while True:
            try:
                for stored in await bus.read("INBOUND", "inbound.>", place, 256):
                    place = stored.sequence
                    for item in batch.unpack(stored.body):
                        self._take(batch.decode_event(item))
            except Retryable:
                pass
            await asyncio.sleep(LOOK_S)

    def _take(self, event: Any) -> None:
        match event:
            case MessageEvent():
                self._say(event)
            case WatermarkEvent():
                self.marks.append(event)
            case RatingEvent():
                self.ratings.append(event)
                self._one(event.data.conversation_id).rating = event.data.score
            case SendResultEvent():
                self.results.append(event)
            case _:
                return

    def _say(self, event: MessageEvent) -> None:
        said = event.data
        if said.external_id in self._seen:
            self.repeated += 1
            return
        self._seen.add(said.external_id)
        names = {(alias.kind, alias.value) for alias in said.contact.aliases}
        known = [thread for thread in self.threads if thread.names & names]
        if not known or not known[-1].open:
            self.threads.append(Thread(set()))
            known.append(self.threads[-1])
        known[-1].names |= names
        known[-1].add(event.time, said.parts, by="contact", external_id=said.external_id)

    def _one(self, id_: UUID) -> Thread:
        return next(thread for thread in self.threads if thread.id == id_)


def _before(mine: Sequence[Thread], id_: UUID, seq: int, limit: int) -> HistoryAnswer:
    found = [one for thread in mine if thread.id == id_ for one in thread.messages if one.seq < seq]
    return HistoryAnswer(messages=tuple(found[-limit:]), more=len(found) > limit)


def _aliases(thread: Thread) -> tuple[Alias, ...]:
    return tuple(Alias(kind=kind, value=value) for kind, value in sorted(thread.names))
