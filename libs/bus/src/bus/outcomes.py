"""What became of each message read: the counters of the consumers and the dead letters."""

from prometheus_client import Counter, Histogram

OUTCOMES = Counter(
    "sluice_bus_outcomes_total",
    "Events and commands read from the bus, by outcome.",
    ["stage", "outcome", "reason"],
)
"""`stage`: the consumer's name. `outcome`: handled, dead, retried, returned."""

LAG = Histogram(
    "sluice_bus_lag_seconds",
    "From stored in the stream to taken into a batch.",
    ["stage"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600),
)
