"""What one screen knows: every entity at its newest version, from events and snapshots alike.

Used by realtime_client.py. Applying is by version alone, so repeats, overlaps and changes that
overtook one another all end the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Entity:
    """A row of a snapshot, or the news of an event; `type` is the change's name, or `snapshot`."""

    id: str
    version: int
    data: Mapping[str, Any]
    type: str = "snapshot"
    at: str = ""


@dataclass
class Tally:
    """What a client has seen, for whoever asks whether anything was lost or shown twice."""

    events: int = 0
    applied: int = 0
    ignored: int = 0
    shown_twice: int = 0
    """A `message.created` applied as new for a message already on the screen: never right."""
    gaps: int = 0
    connections: int = 0
    resumed: int = 0
    resets: dict[str, int] = field(default_factory=dict)
    closes: dict[int, int] = field(default_factory=dict)


class ScreenState:
    """`entities`: id → the newest version known. Deletions are versions too, and stay."""

    def __init__(self, tally: Tally) -> None:
        self.entities: dict[str, Entity] = {}
        self._tally = tally

    def apply(self, news: Entity) -> bool:
        """Whether it was news."""
        known = self.entities.get(news.id)
        if known is not None and news.version <= known.version:
            self._tally.ignored += 1
            return False
        if known is not None and news.type == "message.created":
            self._tally.shown_twice += 1
        self._tally.applied += 1
        self.entities[news.id] = news
        return True

    def merge(self, snapshot: Iterable[Entity]) -> None:
        """The rows of a snapshot, whenever it was taken."""
        for row in snapshot:
            self.apply(row)

    def versions(self) -> dict[str, int]:
        """For comparing two screens."""
        return {id_: entity.version for id_, entity in self.entities.items()}
