"""A line: one visitor's connection, whatever carries it. What its client says is in requests.py.

Made by socket.py and poll.py for somebody whose token was redeemed. An idle line has no task and no
timer: what is done ever again is done for all lines by hub.py and sweeper.py.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from typing import Protocol
from uuid import UUID, uuid4

from typing_extensions import override

from contracts.rpc import HistoryAnswer
from widget_gateway.frames import (
    Cursors,
    Frame,
    History,
    NotAFrame,
    Present,
    Ready,
    Refused,
    ServerFrame,
    TypingThere,
    Unavailable,
)
from widget_gateway.lines import closing, metrics, reading, views
from widget_gateway.lines.closing import Close
from widget_gateway.lines.exchange import Exchange
from widget_gateway.lines.heads import Heads
from widget_gateway.lines.hub import Member
from widget_gateway.lines.news import EchoNews, EndedNews, News, PartNews, RefreshNews, TypingNews
from widget_gateway.lines.pulling import Puller, Pulling
from widget_gateway.lines.receipts import Receipts
from widget_gateway.peers import Peer
from widget_gateway.site.channels import Channel
from widget_gateway.visitor import Visitor

SOON_S = 0.25
"""From live news to the question for all of it: more of an answer is likely on its way."""
REMEMBERED_PARTS = 32
"""Who has two names hears everything twice; so many parts are told apart."""
SORRY = "The chat is not available at the moment."
PROCESS = uuid4().hex
"""What lines of this process are told apart by from those of others."""

_numbers = count()


class Carrier(Protocol):
    """What carries a line's frames: a socket, or the answer to a request."""

    def put(self, frame: ServerFrame) -> None:
        """Never waits: what the client does not take in time ends the line."""
        ...

    async def room(self) -> None:
        """Returns when the client has taken what was put."""
        ...

    def beat(self, now: float) -> None:
        """Some seconds have passed. `now` by the loop's clock."""
        ...

    def end(self, close: Close) -> None:
        """Tell what is left, then close. A second time nothing happens."""
        ...


class Line(Member, Puller):
    """`greet` first; then `take` for each frame; `leave` at the end."""

    def __init__(
        self,
        exchange: Exchange,
        carrier: Carrier,
        channel: Channel,
        visitor: Visitor,
        peer: Peer,
        cursors: Cursors,
    ) -> None:
        self.exchange = exchange
        self.channel = channel
        self.visitor = visitor
        self.peer = peer
        self._subjects = visitor.subjects
        self.pulling = Pulling(self, cursors)
        self.speaking: asyncio.Task[None] | None = None
        """A message on its way to the bus."""
        self.receipts: Receipts | None = None
        self.typed_at = float("-inf")
        self._carrier = carrier
        self._number = next(_numbers)
        self._heads: Heads | None = None
        self._heard: deque[str] | None = None
        self._told: int | None = None
        self._greeted = self._over = False
        self._suspect = True
        """The session may have ended unheard, as between its token and the first subscription."""

    @property
    @override
    def subjects(self) -> Sequence[str]:
        return self._subjects

    @property
    @override
    def workspace_id(self) -> UUID:
        return self.channel.workspace_id

    @property
    @override
    def channel_id(self) -> UUID:
        return self.channel.id

    @property
    def name(self) -> str:
        """Of this line among all of the visitor's."""
        return f"{PROCESS}.{self._number}"

    @property
    def begins(self) -> bool:
        """Whether a message would begin a conversation, as far as is known."""
        return self._heads is None or self._heads.newest_open is None

    # Its life ----------------------------------------------------------------------------------

    def greet(self) -> None:
        """Say ready, then tell everything past the cursors. The hub has to hear for it already."""
        self._greeted = True
        present = self.exchange.presence.there(self.workspace_id)
        self.tell(Ready(present=present, max_file=self.exchange.max_file))
        self.pulling.dirty()

    async def take(self, raw: bytes, handle: Callable[["Line", Frame], Awaitable[None]]) -> None:
        """Read a frame and have it handled; whatever is wrong with it is answered or ends this."""
        try:
            frame = reading.read(raw)
        except reading.Unreadable as unreadable:
            self.refuse(unreadable.client_id, "malformed", str(unreadable))
            return
        except NotAFrame:
            metrics.FRAMES.add(("unreadable", "ended"))
            self.end(closing.PROTOCOL)
            return
        if await self.exchange.limiter.take("frames", self.visitor.id):
            metrics.FRAMES.add((frame.t, "flooding"))
            self.end(closing.FLOODING)
            return
        metrics.FRAMES.add((frame.t, "taken"))
        await handle(self, frame)

    async def said(self) -> None:
        """Returns when the message in hand was answered."""
        if self.speaking is not None:
            await self.speaking

    async def leave(self) -> None:
        """Its client is gone. A message in hand goes its way; what was acknowledged is told."""
        self._over = True
        self.exchange.hub.leave(self)
        self.pulling.stop()
        if self.receipts is not None:
            await self.receipts.close()

    def tell(self, frame: ServerFrame) -> None:
        """Send a frame to the client."""
        if not self._over:
            self._carrier.put(frame)

    def refuse(
        self, client_id: str | None, code: str, why: str, retry_s: float | None = None
    ) -> None:
        """Tell that something cannot be done; with `retry_s`, not now."""
        metrics.FRAMES.add((code, "refused"))
        self.tell(Refused(id=client_id, code=code, message=why, retry_s=retry_s))

    # What the hub tells ------------------------------------------------------------------------

    @override
    def end(self, close: Close) -> None:
        self._over = True
        self.pulling.stop()
        self._carrier.end(close)

    @override
    def beat(self, now: float) -> None:
        if self.visitor.expires_at <= self.exchange.clock().timestamp():
            self.end(closing.TOKEN_REFUSED)
        else:
            self._carrier.beat(now)

    @override
    def regained(self, after_s: float) -> None:
        self._suspect = True
        if self._greeted:
            self.pulling.dirty(after_s)

    @override
    def present(self, *, present: bool) -> None:
        if self._greeted:
            self.tell(Present(present=present))

    @override
    def hear(self, heard: News) -> None:
        if isinstance(heard, EndedNews):
            if heard.session == self.visitor.session:
                self.end(closing.SESSION_ENDED)
            return
        if not self._greeted:
            return  # history follows `ready`, and has it
        match heard:
            case PartNews():
                self._hear_part(heard)
            case EchoNews():
                if heard.line != self.name:
                    self.tell(self.exchange.views.echo(self.channel, heard))
                    self.pulling.expect(heard.id)
            case TypingNews():
                self.tell(TypingThere(on=heard.on, author=heard.author))
            case RefreshNews():
                self.pulling.dirty(SOON_S)

    def _hear_part(self, heard: PartNews) -> None:
        if self._heard is None:
            self._heard = deque(maxlen=REMEMBERED_PARTS)
        if heard.id in self._heard:
            return
        self._heard.append(heard.id)
        if self._heads is not None:
            self._heads.reached(heard.conversation, heard.seq)
        self.tell(self.exchange.views.live(self.channel, heard))
        self.pulling.dirty(SOON_S)

    # History -----------------------------------------------------------------------------------

    async def heads(self) -> Heads | None:
        """The visitor's threads; None when they are told nothing. Raises Retryable."""
        if self._heads is None:
            self._shut(await self.exchange.histories.heads(self.channel, self.visitor))
        return self._heads

    @override
    async def ask(self) -> HistoryAnswer:
        if self._suspect and await self.exchange.is_over(self.visitor):
            self.end(closing.SESSION_ENDED)
        self._suspect = False
        return await self.exchange.histories.news(self.channel, self.visitor, self.pulling.cursors)

    @override
    async def learned(self, answer: HistoryAnswer) -> None:
        """Nothing is sent when all of it was told before."""
        if self._shut(answer):
            return
        threads = views.threads(answer, csat=self.channel.site.csat)
        messages = self.exchange.views.messages(self.channel, self.visitor.id, answer.messages)
        for message in messages:
            self.pulling.seen(message.client)
        told = hash(threads)
        if messages or answer.more or told != self._told:
            self._told = told
            known = dict(self.pulling.cursors)
            self.tell(History(threads=threads, messages=messages, cursors=known, more=answer.more))
            await self._carrier.room()

    def _shut(self, answer: HistoryAnswer) -> bool:
        """Note whose threads they are; whether the visitor is told nothing at all."""
        if answer.blocked:
            self.tell(Unavailable(message=SORRY))
            self.end(closing.BYE)
            return True
        self._heads = Heads(answer.threads)
        for message in answer.messages:
            # Stored after the heads were looked at, told all the same: it may be acknowledged.
            self._heads.reached(message.conversation_id, message.seq)
        return False
