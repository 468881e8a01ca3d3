"""A line: one visitor's connection, whatever carries it.

What its client says is in requests.py, what its client is told of the past in story.py.

Made by socket.py and poll.py for somebody whose token was redeemed. An idle line has no task and no
timer: what is done ever again is done for all lines by hub.py and sweeper.py.
"""

from collections.abc import Awaitable, Callable, Sequence
from itertools import count
from uuid import UUID, uuid4

from typing_extensions import override

from widget_gateway.frames.codec import NotAFrame
from widget_gateway.frames.frame import Frame
from widget_gateway.frames.said import Cursors
from widget_gateway.frames.told import (
    Present,
    Ready,
    Refused,
    ServerFrame,
    TypingThere,
)
from widget_gateway.lines import closing, metrics, reading
from widget_gateway.lines.carrier import Carrier
from widget_gateway.lines.closing import Close
from widget_gateway.lines.exchange import Exchange
from widget_gateway.lines.hand import Hand
from widget_gateway.lines.hub import Member
from widget_gateway.lines.news import EchoNews, EndedNews, News, PartNews, RefreshNews, TypingNews
from widget_gateway.lines.story import SOON_S, Story
from widget_gateway.peers import Peer
from widget_gateway.site.channels import Channel
from widget_gateway.visitor import Visitor

PROCESS = uuid4().hex
"""What lines of this process are told apart by from those of others."""

_numbers = count()


class Line(Member):
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
        self._channel = channel
        self.visitor = visitor
        self.peer = peer
        self._subjects = visitor.subjects
        self.story = Story(exchange, self, cursors)
        self.hand = Hand()
        self._carrier = carrier
        self._number = next(_numbers)
        self.greeted = self._over = False
        """Greeted: history is told by itself. A posted frame's line never is."""

    @property
    @override
    def subjects(self) -> Sequence[str]:
        return self._subjects

    @property
    @override
    def workspace_id(self) -> UUID:
        return self._channel.workspace_id

    @property
    @override
    def channel_id(self) -> UUID:
        return self._channel.id

    @property
    def channel(self) -> Channel:
        """As its record says now; one that is there no more, as it was."""
        now = self.exchange.find(self._channel.account)
        return now if now is not None and now.id == self._channel.id else self._channel

    @property
    def name(self) -> str:
        """Of this line among all of the visitor's."""
        return f"{PROCESS}.{self._number}"

    @property
    def begins(self) -> bool:
        """Whether a message would begin a conversation, as far as is known."""
        known = self.story.known
        return known is None or known.newest_open is None

    # Its life ----------------------------------------------------------------------------------

    def greet(self) -> None:
        """Say ready, then tell everything past the cursors. The hub has to hear for it already."""
        self.greeted = True
        present = self.exchange.presence.there(self.workspace_id)
        self.tell(Ready(present=present, max_file=self.exchange.max_file))
        self.story.dirty()

    async def take(self, raw: bytes, handle: Callable[["Line", Frame], Awaitable[None]]) -> None:
        """Read a frame and have it handled; whatever is wrong with it is answered or ends this."""
        if not await self.allowed():
            return
        try:
            frame = reading.read(raw)
        except reading.Unreadable as unreadable:
            self.refuse(unreadable.client_id, "malformed", str(unreadable))
            return
        except NotAFrame:
            metrics.FRAMES.add(("unreadable", "ended"))
            self.end(closing.PROTOCOL)
            return
        metrics.FRAMES.add((frame.t, "taken"))
        await handle(self, frame)

    async def allowed(self) -> bool:
        """Whether the client may send one thing more, whatever it is: asked before it is read."""
        if self._over:
            return False
        if await self.exchange.limiter.take("frames", self.visitor.id):
            metrics.FRAMES.add(("unread", "flooding"))
            self.end(closing.FLOODING)
            return False
        return True

    async def said(self) -> None:
        """Returns when what is in hand was answered."""
        await self.hand.settled()

    async def leave(self) -> None:
        """Its client is gone. A message in hand goes its way; what was acknowledged is told."""
        self._over = True
        self.exchange.hub.leave(self)
        self.story.stop()
        await self.hand.close()

    def tell(self, frame: ServerFrame) -> None:
        """Send a frame to the client."""
        if not self._over:
            self._carrier.put(frame)

    async def room(self) -> None:
        """Returns when the client has taken what it was told."""
        await self._carrier.room()

    def refuse(
        self, client_id: str | None, code: str, why: str, retry_s: float | None = None
    ) -> None:
        """Tell that something cannot be done; with `retry_s`, not now."""
        metrics.REFUSALS.add((code,))
        self.tell(Refused(id=client_id, code=code, message=why, retry_s=retry_s))

    # What the hub tells ------------------------------------------------------------------------

    @override
    def end(self, close: Close) -> None:
        self._over = True
        self.story.stop()
        self._carrier.end(close)

    @override
    def beat(self, now: float) -> None:
        if self.visitor.expires_at <= self.exchange.clock().timestamp():
            self.end(closing.TOKEN_REFUSED)
        else:
            self._carrier.beat(now)

    @override
    def regained(self, after_s: float) -> None:
        self.story.suspect()
        if self.greeted:
            self.story.dirty(after_s)

    @override
    def present(self, *, present: bool) -> None:
        if self.greeted:
            self.tell(Present(present=present))

    @override
    def hear(self, heard: News) -> None:
        if isinstance(heard, EndedNews):
            if heard.session == self.visitor.session:
                self.end(closing.SESSION_ENDED)
            return
        if not self.greeted:
            return  # history follows `ready`, and has it
        match heard:
            case PartNews():
                self.story.part(heard)
            case EchoNews():
                if heard.line != self.name:
                    self.story.echo(heard)
            case TypingNews():
                self.tell(TypingThere(on=heard.on, author=heard.author))
            case RefreshNews():
                self.story.dirty(SOON_S)
