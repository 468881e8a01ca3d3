"""`GET /v1/workspaces/{workspace}/events?cursor=&wait=`: the same log by long poll.

For bots, and for networks that let no WebSocket through. The REST table includes `Poller.events`,
which is given a workspace the caller may read.
"""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

import orjson
from pydantic import BaseModel, Field
from typing_extensions import override

from bus.errors import Overloaded, Unavailable
from contracts.changes import ChangeType
from inbox_core.entrypoints.realtime.attendance import Roster
from inbox_core.entrypoints.realtime.batches import Batch
from inbox_core.entrypoints.realtime.feed import Feed, Lost
from inbox_core.entrypoints.realtime.frames import MAX_CURSOR_CHARACTERS, ResetReason
from inbox_core.entrypoints.realtime.hub import Hub, Member
from inbox_core.entrypoints.realtime.limits import Limits
from inbox_core.entrypoints.realtime.metrics import POLLS, REFUSED, RESETS


class PolledEvent(BaseModel):
    """The full state `data` of entity `id` at version `v`, as in an `ev` frame."""

    type: ChangeType
    id: UUID
    v: int
    at: str
    actor: str
    data: dict[str, Any]


class EventsPage(BaseModel):
    """Ask again with `cursor`. With `reset`: fetch everything anew, then go on from `cursor`."""

    events: list[PolledEvent] = Field(default_factory=list)
    cursor: str
    reset: ResetReason | None = None


class _Waiter(Member):
    """Wakes one poll."""

    def __init__(self) -> None:
        self.woken = asyncio.Event()

    @override
    def notice(self, batch: Batch) -> None:
        self.woken.set()

    @override
    def wake(self) -> None:
        self.woken.set()


class Poller:
    """All long polls of this process, bounded."""

    def __init__(self, hub: Hub, limits: Limits, roster: Roster) -> None:
        self._hub = hub
        self._limits = limits
        self._roster = roster
        self._waiting = 0

    async def events(
        self, workspace: UUID, cursor: str | None, wait_s: float, person: str | None = None
    ) -> EventsPage:
        """What has happened since `cursor`; if nothing, wait for it, up to `poll_wait_s` seconds.

        `person`: who is there meanwhile, None for programs and for those who may not answer.
        Without a cursor: the place to go on from, at once. Raises Unavailable (the log is not
        there yet), Overloaded (too many polls wait), or Retryable when NATS is away.
        """
        if not self._hub.ready:
            raise Unavailable("the log of changes is not there yet")
        if cursor is None:
            return EventsPage(cursor=str(self._hub.log.recent.now))
        if self._waiting >= self._limits.max_polls:
            REFUSED.labels("too_many_polls").inc()
            raise Overloaded("too many polls wait")
        self._waiting += 1
        POLLS.inc()
        try:
            with self._roster.counting(workspace, person):
                return await self._poll(workspace, cursor, min(wait_s, self._limits.poll_wait_s))
        except Lost as lost:
            RESETS.labels(lost.reason).inc()
            return EventsPage(cursor=str(self._hub.log.recent.now), reset=lost.reason)
        finally:
            self._waiting -= 1
            POLLS.dec()

    async def _poll(self, workspace: UUID, cursor: str, wait_s: float) -> EventsPage:
        """Raises Lost, Retryable."""
        if len(cursor) > MAX_CURSOR_CHARACTERS:
            raise Lost("cursor_expired")
        waiter = _Waiter()
        self._hub.join(workspace, waiter)
        try:
            feed = await self._hub.log.resume(workspace, cursor)
            page = await self._page(feed)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    while not page.events and not self._hub.draining:
                        await waiter.woken.wait()
                        waiter.woken.clear()
                        page = await self._page(feed)
            return page
        finally:
            self._hub.leave(workspace, waiter)

    async def _page(self, feed: Feed) -> EventsPage:
        """Whole batches, until the page is full or there are no more."""
        events: list[PolledEvent] = []
        size = 0
        while len(events) < self._limits.poll_events and size < self._limits.poll_bytes:
            batch = await feed.next()
            if batch is None:
                break
            size += batch.size
            events += [
                PolledEvent.model_validate(orjson.loads(b"{" + piece.tail))
                for piece in batch.pieces
            ]
        return EventsPage(events=events, cursor=str(feed.cursor))
