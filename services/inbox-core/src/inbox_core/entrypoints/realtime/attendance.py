"""Attendance: this process says how many people of each workspace sit at it and may answer.

Told by gateway.py and poll.py who comes and goes; heard by services that show people whether
somebody is there (contracts.signals.Attendance). Who comes is told at once; who goes a moment
later, for a page that is loaded anew is nobody leaving. Then again and again, since a signal may be
lost, and when such a service asks, because it has just begun to listen.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from uuid import UUID, uuid4

from bus.ports import Bus
from contracts import subjects
from contracts.signals import ATTENDANCE_EVERY_S, Attendance
from inbox_core.entrypoints.realtime.metrics import SIGNALS

LINGER_S = 3.0
"""From the last socket or poll of somebody to their leaving; `stop` waits for nothing."""
ANSWER_EVERY_S = 1.0
"""Between two words on a workspace, however many ask."""


class Roster:
    """Who is there, by workspace; `run` until `stop`."""

    def __init__(
        self,
        bus: Bus,
        *,
        every_s: float = ATTENDANCE_EVERY_S,
        linger_s: float = LINGER_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bus = bus
        self._process = str(uuid4())
        self._every_s = every_s
        self._linger_s = linger_s
        self._clock = clock
        self._there: dict[UUID, Counter[str]] = {}
        self._told: dict[UUID, int] = {}
        self._told_at: dict[UUID, float] = {}
        self._due: dict[UUID, float] = {}
        self._woken = asyncio.Event()
        self._stopping = False

    def come(self, workspace: UUID, who: str) -> None:
        """Somebody has one socket, or one poll, more."""
        people = self._there.setdefault(workspace, Counter())
        people[who] += 1
        if len(people) != self._told.get(workspace):
            self._tell_by(workspace, self._clock())

    def go(self, workspace: UUID, who: str) -> None:
        """Somebody has one less."""
        people = self._there[workspace]
        people[who] -= 1
        if not people[who]:
            del people[who]
            self._tell_by(workspace, self._clock() + self._linger_s)
        if not people:
            del self._there[workspace]

    @contextmanager
    def counting(self, workspace: UUID, who: str | None) -> Iterator[None]:
        """Somebody is there meanwhile; None: nobody who counts."""
        if who is None:
            yield
            return
        self.come(workspace, who)
        try:
            yield
        finally:
            self.go(workspace, who)

    def wanted(self, workspace: UUID) -> None:
        """Somebody asks who is there; where nobody is, nothing is said."""
        if workspace in self._there:
            told_at = self._told_at.get(workspace, float("-inf"))
            self._tell_by(workspace, max(self._clock(), told_at + ANSWER_EVERY_S))

    async def run(self) -> None:
        """Tell what is due until `stop`; the last word is that nobody is here."""
        self._bus.on_regained(self._again)
        while not self._stopping:
            self._woken.clear()
            now = self._clock()
            for workspace in [one for one, due in self._due.items() if due <= now]:
                await self._tell(workspace, len(self._there.get(workspace, ())), now)
            await self._pause()
        for workspace in list(self._told):
            await self._tell(workspace, 0, self._clock())

    async def stop(self) -> None:
        """Ends `run`."""
        self._stopping = True
        self._woken.set()

    def _tell_by(self, workspace: UUID, moment: float) -> None:
        self._due[workspace] = min(moment, self._due.get(workspace, moment))
        self._woken.set()

    def _again(self) -> None:
        """Nobody heard us while the server was away."""
        for workspace in self._told:
            self._tell_by(workspace, self._clock())

    async def _tell(self, workspace: UUID, people: int, now: float) -> None:
        if people:
            self._told[workspace], self._told_at[workspace] = people, now
            self._due[workspace] = now + self._every_s
        else:
            self._due.pop(workspace, None)
            self._told_at.pop(workspace, None)
            if self._told.pop(workspace, None) is None:
                return
        body = Attendance(process=self._process, people=people).model_dump_json().encode()
        SIGNALS.labels(subjects.ATTENDANCE, "sent").inc()
        await self._bus.notify(subjects.signal(workspace, subjects.ATTENDANCE), body)

    async def _pause(self) -> None:
        """Until something changes, or is due."""
        now = self._clock()
        seconds = max(0.0, min(self._due.values()) - now) if self._due else None
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()
