"""Typing and viewing: droppable news between the screens of a workspace, over core NATS.

Every process hears all signals and passes each on to its own sockets. They end by themselves: a
signal that is lost costs a screen six seconds of somebody's dots, no more. The same way goes word
of a session that has ended, so that its sockets close on every process; the ticket's own expiry is
the bound when that word is lost. And so comes word from a channel that a customer types, and from
whoever wants to know who is there (attendance.py).
"""

from collections.abc import Callable
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from bus.ports import Bus
from contracts import subjects
from contracts.signals import VisitorTyping
from inbox_core.entrypoints.realtime.frames import Eph
from inbox_core.entrypoints.realtime.metrics import SIGNALS

HEARD = "signal.>"
"""What `contracts.subjects.signal` makes, for every workspace and kind."""
TTL_S = {"typing": 6, "viewing": 60}
MAX_BYTES = 4096
CUSTOMER = "contact"
"""`who` of the other side of a conversation."""
FOR_OTHERS = frozenset({subjects.ATTENDANCE})
"""Kinds that we send and nobody here listens to."""


class Signal(BaseModel):
    """`sender` is the connection it came from, `who` the principal behind it.

    `asks`: the sender has just come and wants to know who else is here.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["typing", "viewing", "ended", "wanted"]
    sender: str
    who: str
    conv: UUID | None = None
    on: bool = True
    note: bool = False
    asks: bool = False

    def frame(self) -> Eph | None:
        """What a screen is told; None: nothing."""
        if self.kind not in TTL_S or self.conv is None:
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
    """A signal off the bus and its workspace; None for what is not one (counted), or not for us."""
    try:
        _, name, kind = subject.split(".")
        if kind in FOR_OTHERS:
            return None
        workspace = UUID(name)
        signal = FOREIGN[kind](body) if kind in FOREIGN else _own(body)
    except (LookupError, ValueError):
        SIGNALS.labels("unknown", "unreadable").inc()
        return None
    return workspace, signal


def _own(body: bytes) -> Signal:
    """Raises ValueError."""
    return Signal.model_validate_json(body[:MAX_BYTES])


def _customer(body: bytes) -> Signal:
    """A channel's word, as one of ours that comes from no connection. Raises ValueError."""
    said = VisitorTyping.model_validate_json(body[:MAX_BYTES])
    return Signal(kind="typing", sender="", who=CUSTOMER, conv=said.conversation_id, on=said.on)


def _wanted(_: bytes) -> Signal:
    """A service asks who is there, in no words."""
    return Signal(kind="wanted", sender="", who="")


FOREIGN: dict[str, Callable[[bytes], Signal]] = {
    subjects.VISITOR_TYPING: _customer,
    subjects.ATTENDANCE_WANTED: _wanted,
}
"""Kinds that other services send."""
