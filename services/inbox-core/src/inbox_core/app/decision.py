"""What deciding found out besides what is to be written: for the steps that follow it."""

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from contracts.events import AccountHealth
from inbox_core.app.ports import Key


@dataclass(slots=True)
class Decision:
    """`freed`: conversations whose unsettled send was settled, so the next may go.

    `faded`: those whose row may show a message that is gone. `outcomes` by name. `failures`: failed
    sends by (channel, kind of problem). `health`: what accounts tell of themselves, by channel.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    freed: set[UUID] = field(default_factory=set)
    faded: set[UUID] = field(default_factory=set)
    failures: Counter[tuple[Key, str]] = field(default_factory=Counter)
    health: list[tuple[Key, AccountHealth]] = field(default_factory=list)
