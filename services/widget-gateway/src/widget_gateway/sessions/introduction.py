"""Introduces a visitor who said who they are: a contact event, so that the team sees the name.

Only of visitors who have a conversation already; with the next message the names travel anyway,
so this is done as well as it can be, in tasks of its own that nobody waits for. What was written
a moment ago is not numbered yet: whether there is a conversation is asked several times.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from bus.batching import Batcher
from bus.errors import Retryable
from chassis.metrics import count
from contracts import batch, subjects
from contracts.events import ContactEvent, ContactUpdate, source
from contracts.ids import event_id
from contracts.rpc import HistoryAnswer
from widget_gateway.site.channels import CHANNEL, Channel
from widget_gateway.visitor import Visitor

REASON = "identified"
LOOKS_S = (0.0, 2.0, 10.0)
"""Pauses before each look for a conversation, or try to tell of it."""
AT_ONCE = 2000
"""Introductions under way; above that further ones are left out."""
CLOSE_S = 4.0
"""What is under way at the end gets so long for its last look."""

Heads = Callable[[Channel, Visitor], Awaitable[HistoryAnswer]]
"""The threads of a visitor. Raises Retryable."""

log = structlog.get_logger()


class Introductions:
    """`batcher` is the process' own. `looks_s`: other pauses, for tests."""

    def __init__(self, heads: Heads, batcher: Batcher, looks_s: Sequence[float] = LOOKS_S) -> None:
        self._heads = heads
        self._batcher = batcher
        self._looks_s = looks_s
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = asyncio.Event()

    def begin(self, channel: Channel, visitor: Visitor) -> None:
        """Returns at once; what comes of it is counted."""
        if len(self._tasks) >= AT_ONCE or self._closing.is_set():
            count("introduce", "skipped", "too_many")
            return
        task = asyncio.create_task(self._run(channel, visitor))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Nobody pauses any more; who is not done in time is given up."""
        self._closing.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=CLOSE_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _run(self, channel: Channel, visitor: Visitor) -> None:
        try:
            why = await self._introduce(channel, visitor)
        except Exception:
            # The rim of a task that nobody waits for.
            count("introduce", "failed")
            log.exception("introduction_failed")
        else:
            count("introduce", "skipped" if why else "published", why)

    async def _introduce(self, channel: Channel, visitor: Visitor) -> str:
        """Why it was not done; empty: it is on the bus."""
        why = ""
        for pause_s in self._looks_s:
            await self._pause(pause_s)
            try:
                # By the browser's own id: what they wrote before they had another name.
                answer = await self._heads(channel, replace(visitor, user_id=None))
                if answer.blocked:
                    return "blocked"
                if answer.threads:
                    event = batch.encode(_event(channel, visitor))
                    await self._batcher.publish(subjects.inbound(CHANNEL), [event])
                    return ""
                why = "no_conversation"
            except Retryable as error:
                why = type(error).__name__.lower()
        return why

    async def _pause(self, pause_s: float) -> None:
        """So long, or until this process goes: then the last looks are now."""
        with suppress(TimeoutError):
            async with asyncio.timeout(pause_s):
                await self._closing.wait()


def _event(channel: Channel, visitor: Visitor) -> ContactEvent:
    return ContactEvent(
        id=event_id(CHANNEL, channel.account, "identified", f"{visitor.id}:{visitor.session}"),
        source=source(CHANNEL, channel.account),
        time=datetime.fromtimestamp(visitor.issued_at, UTC),
        channel=CHANNEL,
        account=channel.account,
        data=ContactUpdate(contact=visitor.contact, reason=REASON),
    )
