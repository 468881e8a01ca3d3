"""What a measurement answers: figures with their rounds, and whatever went wrong meanwhile."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Figure:
    """One line of the report: the median of `rounds`, and what it is to reach, if anything.

    `least`: or more; `most`: or less.
    """

    key: str
    what: str
    unit: str
    rounds: tuple[float, ...]
    least: float | None = None
    digits: int = 0
    most: float | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def reached(self) -> bool | None:
        """None where nothing was to be reached."""
        if self.most is not None:
            return self.median <= self.most
        return None if self.least is None else self.median >= self.least


@dataclass
class Section:
    """The figures of one measurement. `errors`: sentences, beside which no figure is worth much.

    `note`: what a reader has to know to take the figures for what they are.
    """

    title: str
    figures: list[Figure] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    note: str = ""

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
        self.figures.append(Figure(key, what, unit, tuple(rounds), least, digits, most))

    def expect_none(self, count: int, what: str) -> None:
        """An error unless `count` is 0."""
        if count:
            self.errors.append(f"{self.title}: {count} {what}")
