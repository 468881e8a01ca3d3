"""Attendance: this process says how many people of each workspace sit at its sockets.

Told by gateway.py who comes and goes; heard by services that show people whether somebody is there
(contracts.signals.Attendance). Who comes is told at once; who goes a moment later, for a page that
is loaded anew is nobody leaving. Then again and again, since a signal may be lost.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID, uuid4

from bus.ports import Bus
from contracts import subjects
from contracts.signals import ATTENDANCE_EVERY_S, Attendance
from inbox_core.entrypoints.realtime.metrics import SIGNALS

LINGER_S = 3.0
"""From the last socket of somebody to their leaving; `stop` waits for nothing."""


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
        self._due: dict[UUID, float] = {}
        self._woken = asyncio.Event()
        self._stopping = False

    def come(self, workspace: UUID, who: str) -> None:
        """Somebody has one socket more."""
        people = self._there.setdefault(workspace, Counter())
        people[who] += 1
        if people[who] == 1:
            self._tell_by(workspace, self._clock())

    def go(self, workspace: UUID, who: str) -> None:
        """Somebody has one socket less."""
        people = self._there[workspace]
        people[who] -= 1
        if not people[who]:
            del people[who]
            self._tell_by(workspace, self._clock() + self._linger_s)
        if not people:
            del self._there[workspace]

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
            self._told[workspace] = people
            self._due[workspace] = now + self._every_s
        else:
            self._due.pop(workspace, None)
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
