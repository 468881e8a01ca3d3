"""Counters and a histogram for hot paths: plain numbers, read by Prometheus when it asks.

prometheus_client takes a lock for every increment, which is a good part of what a webhook may
cost. These count in the event loop's thread only, and become metrics at a scrape.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override


class Tally(Collector):
    """A counter with labels. `name` without `_total`, which is added."""

    def __init__(self, name: str, text: str, labels: Sequence[str]) -> None:
        self._name = name
        self._text = text
        self._labels = tuple(labels)
        self._counts: dict[tuple[str, ...], int] = {}
        REGISTRY.register(self)

    def add(self, labels: tuple[str, ...], items: int = 1) -> None:
        """Count `items` under the labels' values, in the order of the labels."""
        self._counts[labels] = self._counts.get(labels, 0) + items

    def describe(self) -> Iterable[Metric]:
        return [CounterMetricFamily(self._name, self._text, labels=self._labels)]

    @override
    def collect(self) -> Iterable[Metric]:
        family = CounterMetricFamily(self._name, self._text, labels=self._labels)
        for labels, count in list(self._counts.items()):
            family.add_metric(labels, count)
        yield family


class Durations(Collector):
    """A histogram of seconds without labels. `bounds`: upper ends of its buckets, ascending."""

    def __init__(self, name: str, text: str, bounds: Sequence[float]) -> None:
        self._name = name
        self._text = text
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self._sum = 0.0
        REGISTRY.register(self)

    def observe(self, seconds: float) -> None:
        self._counts[bisect_left(self._bounds, seconds)] += 1
        self._sum += seconds

    def describe(self) -> Iterable[Metric]:
        return [HistogramMetricFamily(self._name, self._text)]

    @override
    def collect(self) -> Iterable[Metric]:
        ends = [*(str(bound) for bound in self._bounds), "+Inf"]
        so_far = 0
        buckets = []
        for end, count in zip(ends, self._counts, strict=True):
            so_far += count
            buckets.append((end, float(so_far)))
        family = HistogramMetricFamily(self._name, self._text)
        family.add_metric([], buckets, self._sum)
        yield family
