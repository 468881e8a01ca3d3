"""Faults on order: what the next matching sends come to instead of plain success.

Filled through the control API or by a test in the same process; asked by the Graph side once a
call, in the order the faults were given. The first that matches and has turns left applies.
Messages meet any fault; other calls only one that names their `type`: receipt (WhatsApp's), action
(a page's), media (a link), file (its bytes), upload, profile, account, token, subscribe, refresh.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from metagraph.emulator.names import WHATSAPP

MAX_FAULTS = 1000
MAX_WAIT_S = 600


@dataclass(frozen=True, slots=True)
class Call:
    """What a fault can be matched against. `type` is Meta's message type, or the call's name.

    `phone_number_id` is the account on every platform; `shy` calls meet only faults of their type.
    """

    phone_number_id: str
    to: str
    type: str
    ref: str | None
    object: str = WHATSAPP
    shy: bool = False


class Match(BaseModel):
    """Every field given must be equal; none given matches all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    object: str | None = None
    phone_number_id: str | None = None
    to: str | None = None
    type: str | None = None
    ref: str | None = None

    def fits(self, call: Call) -> bool:
        """Whether the call is meant."""
        if call.shy and self.type is None:
            return False
        return all(getattr(call, name) == wanted for name, wanted in self if wanted is not None)


class _Fault(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    match: Match = Match()
    times: int = Field(default=1, ge=1, le=1_000_000)


class Error(_Fault):
    """Answer a Graph error and accept nothing. Without `status`, the one usual for the code."""

    do: Literal["error"]
    code: int
    subcode: int | None = None
    message: str | None = None
    status: int | None = Field(default=None, ge=200, le=599)


class Delay(_Fault):
    """Accept, after a while."""

    do: Literal["delay"]
    seconds: float = Field(ge=0, le=MAX_WAIT_S)


class AcceptThenHang(_Fault):
    """Accept and never answer; the connection closes after `seconds`."""

    do: Literal["accept_then_hang"]
    seconds: float = Field(default=60, ge=0, le=MAX_WAIT_S)


class AcceptThenReset(_Fault):
    """Accept and cut the connection."""

    do: Literal["accept_then_reset"]


class Reset(_Fault):
    """Cut the connection and accept nothing: to the caller the same as AcceptThenReset."""

    do: Literal["reset"]


class Http(_Fault):
    """Answer as a machine in front of Graph would, and accept nothing."""

    do: Literal["http"]
    status: int = Field(ge=200, le=599)
    body: str = Field(default="<html><body>emulated</body></html>", max_length=2_000_000)
    headers: dict[str, str] = Field(default_factory=dict)


class FailLater(_Fault):
    """Accept, and report `failed` with this code by status webhook."""

    do: Literal["fail_later"]
    code: int


Fault = Annotated[
    Error | Delay | AcceptThenHang | AcceptThenReset | Reset | Http | FailLater,
    Field(discriminator="do"),
]
_FAULT: TypeAdapter[Fault] = TypeAdapter(Fault)


class ScriptFull(Exception):
    """MAX_FAULTS are waiting already."""


class Script:
    """The faults still to happen, oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._left: list[int] = []

    def add(self, faults: Iterable[Fault]) -> None:
        """Queue faults behind those there. Raises ScriptFull."""
        new = list(faults)
        if len(self._faults) + len(new) > MAX_FAULTS:
            raise ScriptFull(f"more than {MAX_FAULTS} faults")
        self._faults += new
        self._left += [fault.times for fault in new]

    def take(self, call: Call) -> Fault | None:
        """The fault this call meets, one turn of it used up; None: nothing befalls it."""
        for place, fault in enumerate(self._faults):
            if fault.match.fits(call):
                self._left[place] -= 1
                if self._left[place] == 0:
                    del self._faults[place], self._left[place]
                return fault
        return None

    def pending(self) -> int:
        """Turns left in all."""
        return sum(self._left)

    def clear(self) -> None:
        """No more faults."""
        self._faults.clear()
        self._left.clear()


def fault(**fields: Any) -> Fault:
    """A fault from its JSON fields: `fault(do="error", code=190)`."""
    return _FAULT.validate_python(fields)
