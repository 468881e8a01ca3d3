"""What a measurement answers: figures with their rounds, and whatever went wrong meanwhile."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """One line of the report: the median of `rounds`, its spread, and what it was to reach.

    `most` or `least` is the aim, from which side the figure is to come to it.
    """

    key: str
    what: str
    unit: str
    rounds: tuple[float, ...]
    least: float | None = None
    most: float | None = None
    digits: int = 0

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def aim(self) -> str:
        if self.least is not None:
            return f"≥ {self.least:g}"
        return f"≤ {self.most:g}" if self.most is not None else ""

    @property
    def reached(self) -> bool | None:
        """None where nothing was to be reached."""
        if self.least is not None:
            return self.median >= self.least
        return self.median <= self.most if self.most is not None else None


@dataclass
class Section:
    """The figures of one measurement. `errors` are sentences; a figure beside one is worth nothing."""

    title: str
    figures: list[Figure] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def add(
        self,
        key: str,
        what: str,
        unit: str,
        rounds: Sequence[float],
        *,
        least: float | None = None,
        most: float | None = None,
        digits: int = 0,
    ) -> None:
        self.figures.append(Figure(key, what, unit, tuple(rounds), least, most, digits))

    def expect_none(self, count: int, what: str) -> None:
        """An error unless `count` is 0."""
        if count:
            self.errors.append(f"{self.title}: {count} {what}")
