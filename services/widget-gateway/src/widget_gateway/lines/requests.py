"""What a client may say, and what is done about it: one row a frame. Used by socket.py and poll.py.

Whatever names a conversation is held against the visitor's own threads, as history told them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

import structlog

from bus.errors import Retryable
from contracts import subjects
from contracts.signals import VisitorTyping
from widget_gateway.frames.frame import Frame
from widget_gateway.frames.said import Ack, Hello, Older, Ping, Rate, Say
from widget_gateway.frames.said import TypingNow as Typing
from widget_gateway.frames.told import OlderPage, Pong
from widget_gateway.lines import closing, news, normalize
from widget_gateway.lines.hand import Work
from widget_gateway.lines.heads import Heads
from widget_gateway.lines.line import Line
from widget_gateway.lines.marks import Mark
from widget_gateway.lines.news import EchoNews
from widget_gateway.lines.receipts import Receipts
from widget_gateway.lines.speech import BUSY_S, Spoken
from widget_gateway.lines.stamps import utc

TYPING_S = 3.0
"""Between two signals that the visitor types."""

log = structlog.get_logger()


async def handle(line: Line, frame: Frame) -> None:
    """Do what a frame says. Raises nothing that a bus may raise."""
    await HANDLERS[type(frame)](line, frame)


async def _say(line: Line, say: Say) -> None:
    """A second message of the session hears `busy` while this one is on its way."""
    await _begin(line, say.id, partial(_speak, line, say))


async def _speak(line: Line, say: Say) -> None:
    spoken = await line.exchange.speech.say(line, say, line.tell)
    if spoken is not None:
        await _echo(line, spoken)
        line.story.expect(line.visitor.id, spoken.client_id)


async def _echo(line: Line, spoken: Spoken) -> None:
    """To the visitor's other lines, on any replica."""
    told = EchoNews(
        line=line.name,
        visitor=line.visitor.id,
        id=spoken.client_id,
        at=spoken.at,
        parts=spoken.parts,
    )
    await line.exchange.bus.notify(line.subjects[0], news.encode(told))


async def _rate(line: Line, rate: Rate) -> None:
    if not line.channel.site.csat:
        line.refuse(rate.id, "not_asked", "This site asks for no stars.")
        return
    await _begin(line, rate.id, partial(_score, line, rate))


async def _score(line: Line, rate: Rate) -> None:
    if await _owned(line, rate.conversation, rate.id):
        await line.exchange.speech.rate(line, rate, line.tell)


async def _ack(line: Line, ack: Ack) -> None:
    if line.greeted or await _heads(line) is not None:
        line.story.when_known(partial(_note, line, ack))


def _note(line: Line, ack: Ack, heads: Heads) -> None:
    """Never past what the visitor was told: it would cover what is yet to be written."""
    if not _mine(line, heads, ack.conversation):
        return
    receipts = line.hand.receipts
    if receipts is None:
        receipts = line.hand.receipts = Receipts(line.exchange.batcher, partial(_watermark, line))
    last, now = heads.last(ack.conversation), line.exchange.clock()
    at = min(utc(ack.at) or now, now)
    if ack.delivered is not None:
        receipts.note(Mark(ack.conversation, "delivered", min(ack.delivered, last), at))
    if ack.read is not None:
        receipts.note(Mark(ack.conversation, "read", min(ack.read, last), at))


def _watermark(line: Line, mark: Mark) -> bytes:
    return normalize.watermark(line.channel, line.visitor, mark, line.exchange.clock())


async def _type(line: Line, typing: Typing) -> None:
    """To the screens of the team. Droppable: whatever stands in the way drops it."""
    now = asyncio.get_running_loop().time()
    if typing.on and now - line.hand.typed_at < TYPING_S:
        return
    if await line.exchange.limiter.take("typing", line.visitor.id):
        return
    try:
        heads = line.story.known if line.greeted else await line.story.heads()
    except Retryable:
        return
    if heads is None or heads.newest_open is None:
        return
    line.hand.typed_at = now if typing.on else float("-inf")
    signal = VisitorTyping(conversation_id=heads.newest_open, on=typing.on)
    subject = subjects.signal(line.workspace_id, subjects.VISITOR_TYPING)
    await line.exchange.bus.notify(subject, signal.model_dump_json().encode())


async def _older(line: Line, older: Older) -> None:
    await _begin(line, None, partial(_look_back, line, older))


async def _look_back(line: Line, older: Older) -> None:
    if not await _owned(line, older.conversation):
        return
    try:
        answer = await line.exchange.histories.older(
            line.channel, line.visitor, older.conversation, older.before
        )
    except Retryable as error:
        _not_now(line, None, error)
        return
    messages = line.exchange.views.messages(line.channel, line.visitor.id, answer.messages)
    line.tell(OlderPage(conversation=older.conversation, messages=messages, end=not answer.more))


async def _ping(line: Line, ping: Ping) -> None:
    line.tell(Pong(k=ping.k))


async def _hello(line: Line, _hello: Hello) -> None:
    """It is said once."""
    line.end(closing.PROTOCOL)


async def _begin(line: Line, client_id: str | None, work: Work) -> None:
    """Whatever waits for somebody does so in a task: its line goes on reading."""
    if not line.hand.begin(partial(_work, line, work)):
        line.refuse(client_id, "busy", "Not so much at a time.", BUSY_S)


async def _work(line: Line, work: Work) -> None:
    try:
        await work()
    except Exception:
        log.exception("request_failed")
        line.end(closing.FAILED)


async def _owned(line: Line, conversation: UUID, client_id: str | None = None) -> bool:
    """Whether it is the visitor's own; they are told if not."""
    heads = await _heads(line, client_id)
    return heads is not None and _mine(line, heads, conversation, client_id)


async def _heads(line: Line, client_id: str | None = None) -> Heads | None:
    """The visitor's threads; None, and told, when that cannot be known now."""
    try:
        return await line.story.heads()
    except Retryable as error:
        _not_now(line, client_id, error)
        return None


def _mine(line: Line, heads: Heads, conversation: UUID, client_id: str | None = None) -> bool:
    if conversation in heads:
        return True
    line.refuse(client_id, "unknown_conversation", "This is no conversation of yours.")
    return False


def _not_now(line: Line, client_id: str | None, error: Retryable) -> None:
    line.refuse(client_id, "unavailable", "It cannot be looked up now.", error.delay_s)


HANDLERS: Mapping[type[Frame], Callable[[Line, Any], Awaitable[None]]] = {
    Say: _say,
    Ack: _ack,
    Typing: _type,
    Rate: _rate,
    Older: _older,
    Ping: _ping,
    Hello: _hello,
}
"""Frame → what is done about it."""
