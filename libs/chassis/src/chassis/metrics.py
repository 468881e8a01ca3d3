"""The metrics every process has. Others are declared beside their use, prefixed `sluice_`.

Every item that comes in leaves by exactly one outcome; `count` is how a service says which.
"""

from importlib.metadata import PackageNotFoundError, version

from prometheus_client import Counter, Gauge

from chassis.tally import Tally

OUTCOMES = Tally(
    "sluice_outcomes",
    "What became of each item: stage (receive, deliver, …), outcome (accepted, dead, …), reason",
    ("stage", "outcome", "reason"),
)
BUILD = Gauge("sluice_build_info", "Always 1; the labels say what runs", ("service", "version"))
LOOP_LAG = Gauge("sluice_loop_lag_seconds", "How late the event loop's last tick was")
TASK_CRASHES = Counter(
    "sluice_task_crashes_total", "Background tasks that failed and were started again", ("task",)
)


def count(stage: str, outcome: str, reason: str = "", items: int = 1) -> None:
    """Count `items` that left `stage` by `outcome`. `reason` is a word of a table, never data."""
    OUTCOMES.add((stage, outcome, reason), items)


def announce(service: str) -> None:
    """Set the build info of this process."""
    try:
        release = version(service)
    except PackageNotFoundError:
        release = "unknown"
    BUILD.labels(service, release).set(1)
