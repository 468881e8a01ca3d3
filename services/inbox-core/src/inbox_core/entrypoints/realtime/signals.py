"""Typing and viewing: droppable news between the screens of a workspace, over core NATS.

Every process hears all signals and passes each on to its own sockets. They end by themselves: a
signal that is lost costs a screen six seconds of somebody's dots, no more. The same way goes word
of a session that has ended, so that its sockets close on every process; the ticket's own expiry is
the bound when that word is lost.
"""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from bus.ports import Bus
from contracts import subjects
from inbox_core.entrypoints.realtime.frames import Eph
from inbox_core.entrypoints.realtime.metrics import SIGNALS

HEARD = "signal.>"
"""What `contracts.subjects.signal` makes, for every workspace and kind."""
TTL_S = {"typing": 6, "viewing": 60}
MAX_BYTES = 4096


class Signal(BaseModel):
    """`sender` is the connection it came from, `who` the principal behind it.

    `asks`: the sender has just come and wants to know who else is here.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["typing", "viewing", "ended"]
    sender: str
    who: str
    conv: UUID | None = None
    on: bool = True
    note: bool = False
    asks: bool = False

    def frame(self) -> Eph | None:
        """What a screen is told; None: nothing."""
        if self.kind == "ended" or self.conv is None:
            return None
        data = {"conv": str(self.conv), "who": self.who, "on": self.on, "ttl": TTL_S[self.kind]}
        if self.kind == "typing":
            data["note"] = self.note
        return Eph(type=self.kind, data=data)


async def tell(bus: Bus, workspace: UUID, signal: Signal) -> None:
    """Send it to every process, this one included."""
    SIGNALS.labels(signal.kind, "sent").inc()
    body = signal.model_dump_json(exclude_none=True).encode()
    await bus.notify(subjects.signal(workspace, signal.kind), body)


async def end_sockets(bus: Bus, workspace: UUID, who: str) -> None:
    """Close sockets on a workspace everywhere with 4003: on sign-out, removal, another role.

    `who` is a session's `credential`, or a user's or token's id for all of theirs.
    """
    await tell(bus, workspace, Signal(kind="ended", sender="", who=who))


def heard(subject: str, body: bytes) -> tuple[UUID, Signal] | None:
    """A signal off the bus and its workspace; None, counted, for what is not one."""
    try:
        workspace = UUID(subject.split(".")[1])
        signal = Signal.model_validate_json(body[:MAX_BYTES])
    except (LookupError, ValueError):
        SIGNALS.labels("unknown", "unreadable").inc()
        return None
    return workspace, signal
