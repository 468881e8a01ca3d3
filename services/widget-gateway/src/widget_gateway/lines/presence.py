"""Presence: whether somebody of a workspace sits at the inbox, as inbox-core's processes say.

Heard on `signal.*.attendance` (contracts.signals), which is said when it changes and ever again. A
process that falls silent has left. Of a workspace that somebody looks in on for the first time, and
of all of those once the bus was away, it is asked for at once; until an answer had its time nothing
is known, which is not the same as nobody.

Lines are told when the answer turns, and no more often than EVERY_S: a page loaded anew is nobody
leaving.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import UUID

from pydantic import ValidationError

from bus.ports import Bus, Hush
from chassis.tally import Tally
from contracts import subjects
from contracts.signals import ATTENDANCE_TTL_S, Attendance

HEARD = f"signal.*.{subjects.ATTENDANCE}"
"""What `contracts.subjects.signal` makes, of every workspace."""
EVERY_S = 2.0
"""Between two looks at what has turned."""
ANSWER_S = 5.0
"""For all processes of inbox-core to answer; the first «nobody here» says nothing of the others."""
ASKED_EACH_S = 200
"""Workspaces asked about in a second: after an outage every gateway asks for all of its own."""
MAX_BYTES = 1024
SIGNALS = Tally("sluice_widget_attendance", "Signals of who is there, by outcome", ("outcome",))

Tell = Callable[[UUID, bool], Awaitable[None]]
"""`(workspace, present)`: pass it on to the lines."""


class Presence:
    """The book of who is there; `run` watches it, `ask` asks. `clock` counts seconds."""

    def __init__(self, tell: Tell, clock: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._clock = clock
        self._seen: dict[UUID, dict[str, float]] = {}
        self._told: dict[UUID, bool] = {}
        self._asked: dict[UUID, float | None] = {}
        """When; None: it is about to be. As many as there are workspaces with channels here."""
        self._questions: asyncio.Queue[UUID] = asyncio.Queue()
        self._woken = asyncio.Event()
        self._hush: Hush | None = None

    async def start(self, bus: Bus) -> None:
        """Begin to hear. Raises Unavailable."""
        self._hush = await bus.listen(HEARD, self.heard)
        bus.on_regained(self._regained)

    def there(self, workspace_id: UUID) -> bool | None:
        """Whether somebody is, by all that was said. None: nobody had the time to say."""
        if workspace_id not in self._asked:
            self._want(workspace_id)
        oldest = self._clock() - ATTENDANCE_TTL_S
        if any(at > oldest for at in self._seen.get(workspace_id, {}).values()):
            return True
        asked = self._asked[workspace_id]
        return False if asked is not None and self._clock() - asked >= ANSWER_S else None

    async def ask(self, bus: Bus) -> None:
        """For the life of the process: put the questions, one after the other."""
        while True:
            workspace_id = await self._questions.get()
            await bus.notify(subjects.signal(workspace_id, subjects.ATTENDANCE_WANTED), b"")
            SIGNALS.add(("asked",))
            self._asked[workspace_id] = self._clock()
            await asyncio.sleep(1 / ASKED_EACH_S)

    async def run(self) -> None:
        """For the life of the process."""
        while True:
            self._woken.clear()
            await self._look()
            with suppress(TimeoutError):
                async with asyncio.timeout(ANSWER_S):
                    await self._woken.wait()
            await asyncio.sleep(EVERY_S)

    async def heard(self, subject: str, body: bytes) -> None:
        """Note what a process says; what cannot be read is counted."""
        try:
            workspace_id = UUID(subject.split(".")[1])
            said = Attendance.model_validate_json(body[:MAX_BYTES])
        except (LookupError, ValueError, ValidationError):
            SIGNALS.add(("unreadable",))
            return
        SIGNALS.add(("heard",))
        processes = self._seen.setdefault(workspace_id, {})
        if said.people:
            processes[said.process] = self._clock()
        else:
            processes.pop(said.process, None)
        if workspace_id in self._asked and bool(processes) != self._told.get(workspace_id, False):
            self._woken.set()

    def _want(self, workspace_id: UUID) -> None:
        self._asked[workspace_id] = None
        self._questions.put_nowait(workspace_id)

    def _regained(self) -> None:
        """What was said meanwhile is lost."""
        for workspace_id, asked in list(self._asked.items()):
            if asked is not None:
                self._want(workspace_id)

    async def _look(self) -> None:
        """Forget who fell silent, tell what has turned."""
        oldest = self._clock() - ATTENDANCE_TTL_S
        for workspace_id, processes in list(self._seen.items()):
            for process in [name for name, at in processes.items() if at <= oldest]:
                del processes[process]
            if not processes:
                del self._seen[workspace_id]
        for workspace_id in list(self._asked):
            present = self.there(workspace_id)
            if present is not None and present != self._told.get(workspace_id):
                self._told[workspace_id] = present
                await self._tell(workspace_id, present)
                await asyncio.sleep(0)
