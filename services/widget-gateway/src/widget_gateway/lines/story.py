"""A story: what a visitor's history tells, passed on to the client of one line. Made by line.py.

It knows how far the client has come, whose conversations there are, and what was told already.
"""

from collections import deque
from collections.abc import Callable
from typing import Protocol

from typing_extensions import override

from contracts.rpc import HistoryAnswer
from widget_gateway.frames.said import Cursors
from widget_gateway.frames.told import History, ServerFrame, Unavailable
from widget_gateway.lines import closing, views
from widget_gateway.lines.closing import Close
from widget_gateway.lines.exchange import Exchange
from widget_gateway.lines.heads import Heads
from widget_gateway.lines.news import EchoNews, PartNews
from widget_gateway.lines.normalize import external_id
from widget_gateway.lines.pulling import Puller, Pulling
from widget_gateway.site.channels import Channel
from widget_gateway.visitor import Visitor

SOON_S = 0.25
"""From live news to the question for all of it: more of an answer is likely on its way."""
REMEMBERED_PARTS = 32
"""Who has two names hears everything twice; so many parts are told apart."""
EARLY = 64
"""What waits for the first history: acknowledgements of a client that has come back."""
SORRY = "The chat is not available at the moment."


class Listener(Protocol):
    """Whom it is told: a line."""

    @property
    def channel(self) -> Channel: ...
    @property
    def visitor(self) -> Visitor: ...
    def tell(self, frame: ServerFrame) -> None: ...
    def end(self, close: Close) -> None: ...
    async def room(self) -> None:
        """Returns when the client has taken what it was told."""
        ...


class Story(Puller):
    """`known`: the visitor's threads, once history has told them."""

    def __init__(self, exchange: Exchange, to: Listener, cursors: Cursors) -> None:
        self.known: Heads | None = None
        self._exchange = exchange
        self._to = to
        self._pulling = Pulling(self, cursors)
        self._early: list[Callable[[Heads], None]] = []
        self._heard: deque[str] | None = None
        self._told: int | None = None
        self._suspect = True

    def dirty(self, after_s: float = 0.0) -> None:
        """There may be more to tell."""
        self._pulling.dirty(after_s)

    def expect(self, visitor_id: str, client_id: str) -> None:
        """That visitor's message is on its way to inbox-core."""
        self._pulling.expect(external_id(visitor_id, client_id))

    def suspect(self) -> None:
        """The session may have ended unheard, as between its token and the first subscription."""
        self._suspect = True

    def stop(self) -> None:
        """Nothing more."""
        self._pulling.stop()

    def when_known(self, do: Callable[[Heads], None]) -> None:
        """With the threads: now, or when they are told. Droppable: what is too much is not done."""
        if self.known is not None:
            do(self.known)
        elif len(self._early) < EARLY:
            self._early.append(do)

    async def heads(self) -> Heads | None:
        """The visitor's threads, asked for if need be; None when they are told nothing.

        Raises Retryable.
        """
        if self.known is None:
            answer = await self._exchange.histories.heads(self._to.channel, self._to.visitor)
            if self.known is None:  # else history was quicker, and knows more
                self._shut(answer)
        return self.known

    def part(self, heard: PartNews) -> None:
        """A part of an answer was sent."""
        if self._heard is None:
            self._heard = deque(maxlen=REMEMBERED_PARTS)
        if heard.id in self._heard:
            return
        self._heard.append(heard.id)
        if self.known is not None:
            self.known.reached(heard.conversation, heard.seq)
        self._to.tell(self._exchange.views.live(self._to.channel, heard))
        self.dirty(SOON_S)

    def echo(self, heard: EchoNews) -> None:
        """What this user wrote in another browser history alone tells, under its message's id."""
        if heard.visitor == self._to.visitor.id:
            self._to.tell(self._exchange.views.echo(self._to.channel, heard))
        self.expect(heard.visitor, heard.id)

    @override
    async def ask(self) -> HistoryAnswer:
        visitor = self._to.visitor
        if self._suspect and await self._exchange.is_over(visitor):
            self._to.end(closing.SESSION_ENDED)
        self._suspect = False
        cursors = self._pulling.cursors
        return await self._exchange.histories.news(self._to.channel, visitor, cursors)

    @override
    async def learned(self, answer: HistoryAnswer) -> None:
        """Nothing is sent when all of it was told before."""
        if self._shut(answer):
            return
        channel, visitor = self._to.channel, self._to.visitor
        threads = views.threads(answer, csat=channel.site.csat)
        messages = self._exchange.views.messages(channel, visitor.id, answer.messages)
        for message in answer.messages:
            self._pulling.seen(message.external_id)
        told = hash(threads)
        if messages or answer.more or told != self._told:
            self._told = told
            cursors = dict(self._pulling.cursors)
            history = History(threads=threads, messages=messages, cursors=cursors, more=answer.more)
            self._to.tell(history)
            await self._to.room()

    @override
    def failed(self) -> None:
        self._to.end(closing.FAILED)

    def _shut(self, answer: HistoryAnswer) -> bool:
        """Note whose threads they are; whether the visitor is told nothing at all."""
        if answer.blocked:
            self._to.tell(Unavailable(message=SORRY))
            self._to.end(closing.BYE)
            return True
        self.known = heads = Heads(answer.threads)
        for message in answer.messages:
            # Stored after the heads were looked at, told all the same: it may be acknowledged.
            heads.reached(message.conversation_id, message.seq)
        early, self._early = self._early, []
        for do in early:
            do(heads)
        return False
