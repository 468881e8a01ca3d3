"""The hub: which lines this process has, and the live news that concern them.

One NATS subscription a name of a visitor, made with the first line that needs it and ended with the
last, shared by those between. Built in main(); lines join and leave.
"""

import asyncio
import random
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Protocol
from uuid import UUID

from bus.ports import Bus, Hush
from widget_gateway.lines import closing, news
from widget_gateway.lines.closing import Close, Ended
from widget_gateway.lines.metrics import HEARD_SUBJECTS, NEWS
from widget_gateway.lines.news import News

LINES_EACH = 8
"""Sockets and polls of one visitor; then the oldest goes."""
REGAINED_EACH_S = 500
"""Lines that ask for history in one second after the bus was away."""
SLICE = 250
"""Lines told of something common at once; the others after a breath of the loop."""


class Member(Protocol):
    """A line, as far as the hub knows it. None of these waits or raises."""

    @property
    def subjects(self) -> Sequence[str]:
        """The names of its visitor; the first one is whom bounds count."""
        ...

    @property
    def workspace_id(self) -> UUID: ...
    @property
    def channel_id(self) -> UUID: ...
    def hear(self, heard: News) -> None: ...
    def regained(self, after_s: float) -> None:
        """News may have been missed: find out in so many seconds."""
        ...

    def present(self, *, present: bool) -> None:
        """Whether somebody of the team is there has changed."""
        ...

    def beat(self, now: float) -> None:
        """Some seconds have passed. `now` by the loop's clock."""
        ...

    def end(self, close: Close) -> None: ...


class _Ear:
    """One name of a visitor: who listens, and the subscription once it stands."""

    __slots__ = ("members", "opening")

    def __init__(self, opening: asyncio.Task[Hush]) -> None:
        self.members: list[Member] = []
        self.opening = opening


class Hub:
    """`bus` is the process' own."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._lines: dict[Member, None] = {}
        self._ears: dict[str, _Ear] = {}
        self._visitors: dict[str, list[Member]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self.draining = False
        bus.on_regained(self._regained)

    @property
    def lines(self) -> list[Member]:
        """Those there are now, oldest first."""
        return list(self._lines)

    async def join(self, line: Member) -> None:
        """Returns when its live news are heard. Raises Retryable, or Ended while draining."""
        if self.draining:
            raise Ended(closing.DRAINING)
        self._lines[line] = None
        mine = self._visitors.setdefault(line.subjects[0], [])
        mine.append(line)
        for oldest in mine[:-LINES_EACH]:
            mine.remove(oldest)
            oldest.end(closing.TOO_MANY)
        ears = [self._ear(subject) for subject in line.subjects]
        for ear in ears:
            ear.members.append(line)
        for ear in ears:
            # Shielded: whoever else waits for the same subscription must get it all the same.
            await asyncio.shield(ear.opening)

    def leave(self, line: Member) -> None:
        """A second time, or without having joined, nothing happens."""
        self._lines.pop(line, None)
        mine = self._visitors.get(line.subjects[0], [])
        if line in mine:
            mine.remove(line)
        if not mine:
            self._visitors.pop(line.subjects[0], None)
        for subject in line.subjects:
            self._stop_hearing(subject, line)

    async def end_channel(self, channel_id: UUID, end: Callable[[Member], None]) -> None:
        """`end` every line of a channel that is there no more."""
        await self._each((line for line in self.lines if line.channel_id == channel_id), end)

    async def tell_present(self, workspace_id: UUID, *, present: bool) -> None:
        """Tell every line of a workspace; paced, for it may have thousands."""
        concerned = (line for line in self.lines if line.workspace_id == workspace_id)
        await self._each(concerned, lambda line: line.present(present=present))

    async def drain(self) -> None:
        """Take no more, send everybody away."""
        self.draining = True
        await self._each(self.lines, lambda line: line.end(closing.DRAINING))

    async def close(self) -> None:
        """Wait for subscriptions that are being ended."""
        if self._closing:
            await asyncio.wait(set(self._closing), timeout=1.0)

    async def _each(self, lines: Iterable[Member], do: Callable[[Member], None]) -> None:
        for number, line in enumerate(lines, 1):
            if line in self._lines:
                do(line)
            if number % SLICE == 0:
                await asyncio.sleep(0)

    def _ear(self, subject: str) -> _Ear:
        ear = self._ears.get(subject)
        if ear is None:
            opening = asyncio.create_task(self._bus.listen(subject, self._heard))
            ear = self._ears[subject] = _Ear(opening)
            HEARD_SUBJECTS.set(len(self._ears))
        return ear

    def _stop_hearing(self, subject: str, line: Member) -> None:
        """With the last line the ear goes at once; whoever comes next makes a new one beside it."""
        ear = self._ears.get(subject)
        if ear is None or line not in ear.members:
            return
        ear.members.remove(line)
        if not ear.members:
            del self._ears[subject]
            HEARD_SUBJECTS.set(len(self._ears))
            task = asyncio.create_task(_hush(ear.opening))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def _heard(self, subject: str, body: bytes) -> None:
        ear = self._ears.get(subject)
        heard = news.decode(body) if ear is not None else None
        if ear is None or heard is None:
            return
        NEWS.add((heard.t, "heard"))
        for line in list(ear.members):
            line.hear(heard)

    def _regained(self) -> None:
        lines = self.lines
        within_s = max(1.0, len(lines) / REGAINED_EACH_S)
        for line in lines:
            line.regained(random.uniform(0.0, within_s))  # noqa: S311 - spreads questions


async def _hush(opening: asyncio.Task[Hush]) -> None:
    """End a subscription as soon as it stands; one that never stood needs no end."""
    with suppress(Exception):
        hush = await opening
        await hush()
