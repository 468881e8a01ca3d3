"""What many numbers come to: median, the slow tail, the worst. Used for latencies and rounds."""

import math
from collections.abc import Sequence
from typing import NamedTuple


class Spread(NamedTuple):
    """Of the numbers' own unit; zeros when there were none."""

    least: float = 0.0
    p50: float = 0.0
    p99: float = 0.0
    most: float = 0.0


def spread(numbers: Sequence[float]) -> Spread:
    if not numbers:
        return Spread()
    ranked = sorted(numbers)
    return Spread(ranked[0], at(ranked, 0.5), at(ranked, 0.99), ranked[-1])


def at(ranked: Sequence[float], part: float) -> float:
    """The number below or at which `part` of them lie (nearest rank); ranked, not empty."""
    return ranked[max(0, math.ceil(part * len(ranked)) - 1)]
