"""Presence: whether somebody of a workspace sits at the inbox, as inbox-core's processes say.

Heard on `signal.*.attendance` (contracts.signals). A process that falls silent has left. Lines are
told when the answer turns, and no more often than EVERY_S: a page loaded anew is nobody leaving.
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
MAX_BYTES = 1024
SIGNALS = Tally("sluice_widget_attendance", "Signals of who is there, by outcome", ("outcome",))

Tell = Callable[[UUID, bool], Awaitable[None]]
"""`(workspace, present)`: pass it on to the lines."""


class Presence:
    """The book of who is there; `run` watches it. `clock` counts seconds."""

    def __init__(self, tell: Tell, clock: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._clock = clock
        self._seen: dict[UUID, dict[str, float]] = {}
        self._told: set[UUID] = set()
        self._woken = asyncio.Event()
        self._hush: Hush | None = None

    async def start(self, bus: Bus) -> None:
        """Begin to hear. Raises Unavailable."""
        self._hush = await bus.listen(HEARD, self.heard)

    def there(self, workspace_id: UUID) -> bool:
        """Whether somebody is, by all that was said."""
        oldest = self._clock() - ATTENDANCE_TTL_S
        return any(at > oldest for at in self._seen.get(workspace_id, {}).values())

    async def run(self) -> None:
        """For the life of the process."""
        while True:
            self._woken.clear()
            await self._look()
            with suppress(TimeoutError):
                async with asyncio.timeout(ATTENDANCE_TTL_S / 4):
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
        if self.there(workspace_id) != (workspace_id in self._told):
            self._woken.set()

    async def _look(self) -> None:
        """Forget who fell silent, tell what has turned."""
        oldest = self._clock() - ATTENDANCE_TTL_S
        for workspace_id, processes in list(self._seen.items()):
            for process in [name for name, at in processes.items() if at <= oldest]:
                del processes[process]
            if not processes:
                del self._seen[workspace_id]
        now = {workspace_id for workspace_id in self._seen if self.there(workspace_id)}
        turned = now ^ self._told
        self._told = now
        for workspace_id in turned:
            await self._tell(workspace_id, workspace_id in now)
