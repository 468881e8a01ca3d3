"""What a client may say, and what is done about it: one row a frame. Used by socket.py and poll.py.

Whatever names a conversation is held against the visitor's own threads, as history told them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

import structlog

from bus.errors import Retryable
from contracts import subjects
from contracts.signals import VisitorTyping
from widget_gateway.frames import Ack, Frame, Hello, Older, OlderPage, Ping, Pong, Rate, Say
from widget_gateway.frames import TypingNow as Typing
from widget_gateway.lines import closing, news, normalize
from widget_gateway.lines.heads import Heads
from widget_gateway.lines.line import Line
from widget_gateway.lines.marks import Mark
from widget_gateway.lines.news import EchoNews
from widget_gateway.lines.receipts import Receipts
from widget_gateway.lines.speech import Spoken, busy
from widget_gateway.lines.stamps import utc

TYPING_S = 3.0
"""Between two signals that the visitor types."""

log = structlog.get_logger()


async def handle(line: Line, frame: Frame) -> None:
    """Do what a frame says. Raises nothing that a bus may raise."""
    await HANDLERS[type(frame)](line, frame)


async def _say(line: Line, say: Say) -> None:
    """In a task: a socket goes on reading meanwhile, and hears `busy` of a second message."""
    if line.speaking is not None:
        line.tell(busy(say.id))
        return
    line.speaking = asyncio.create_task(_speak(line, say))


async def _speak(line: Line, say: Say) -> None:
    try:
        spoken = await line.exchange.speech.say(line, say, line.tell)
        if spoken is not None:
            await _echo(line, spoken)
            line.pulling.expect(spoken.client_id)
    except Exception:
        log.exception("message_failed")
        line.end(closing.FAILED)
    finally:
        line.speaking = None


async def _echo(line: Line, spoken: Spoken) -> None:
    """To the visitor's other lines, on any replica."""
    told = EchoNews(line=line.name, id=spoken.client_id, at=spoken.at, parts=spoken.parts)
    await line.exchange.bus.notify(line.subjects[0], news.encode(told))


async def _rate(line: Line, rate: Rate) -> None:
    if not line.channel.site.csat:
        line.refuse(rate.id, "not_asked", "This site asks for no stars.")
        return
    if await _owned(line, rate.conversation, rate.id) is not None:
        await line.exchange.speech.rate(line, rate, line.tell)


async def _ack(line: Line, ack: Ack) -> None:
    """Never past what the visitor was told: it would cover what is yet to be written."""
    heads = await _owned(line, ack.conversation)
    if heads is None:
        return
    if line.receipts is None:
        line.receipts = Receipts(line.exchange.batcher, lambda mark: _watermark(line, mark))
    last, now = heads.last(ack.conversation), line.exchange.clock()
    at = min(utc(ack.at) or now, now)
    if ack.delivered is not None:
        line.receipts.note(Mark(ack.conversation, "delivered", min(ack.delivered, last), at))
    if ack.read is not None:
        line.receipts.note(Mark(ack.conversation, "read", min(ack.read, last), at))


def _watermark(line: Line, mark: Mark) -> bytes:
    return normalize.watermark(line.channel, line.visitor, mark, line.exchange.clock())


async def _type(line: Line, typing: Typing) -> None:
    """To the screens of the team. Droppable: whatever stands in the way drops it."""
    now = asyncio.get_running_loop().time()
    if typing.on and now - line.typed_at < TYPING_S:
        return
    if await line.exchange.limiter.take("typing", line.visitor.id):
        return
    try:
        heads = await line.heads()
    except Retryable:
        return
    if heads is None or heads.newest_open is None:
        return
    line.typed_at = now if typing.on else float("-inf")
    signal = VisitorTyping(conversation_id=heads.newest_open, on=typing.on)
    subject = subjects.signal(line.workspace_id, subjects.VISITOR_TYPING)
    await line.exchange.bus.notify(subject, signal.model_dump_json().encode())


async def _older(line: Line, older: Older) -> None:
    if await _owned(line, older.conversation) is None:
        return
    try:
        answer = await line.exchange.histories.older(
            line.channel, line.visitor, older.conversation, older.before
        )
    except Retryable as error:
        line.refuse(None, "unavailable", "It cannot be looked up now.", error.delay_s)
        return
    messages = line.exchange.views.messages(line.channel, line.visitor.id, answer.messages)
    line.tell(OlderPage(conversation=older.conversation, messages=messages, end=not answer.more))


async def _ping(line: Line, ping: Ping) -> None:
    line.tell(Pong(k=ping.k))


async def _hello(line: Line, _hello: Hello) -> None:
    """It is said once."""
    line.end(closing.PROTOCOL)


async def _owned(line: Line, conversation: UUID, client_id: str | None = None) -> Heads | None:
    """The visitor's threads; None, and told, when this is none of them."""
    try:
        heads = await line.heads()
    except Retryable as error:
        line.refuse(client_id, "unavailable", "It cannot be looked up now.", error.delay_s)
        return None
    if heads is None or conversation not in heads:
        line.refuse(client_id, "unknown_conversation", "This is no conversation of yours.")
        return None
    return heads


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
