"""The cheap counters are metrics like any other when Prometheus asks."""

from prometheus_client import REGISTRY

from chassis.tally import Durations, Tally


def test_a_tally_counts_by_its_labels() -> None:
    tally = Tally("sluice_test_tally", "of a test", ("answer", "reason"))
    tally.add(("stored", ""))
    tally.add(("stored", ""), 2)
    tally.add(("unsigned", "missing"))

    def read(answer: str, reason: str) -> float | None:
        labels = {"answer": answer, "reason": reason}
        return REGISTRY.get_sample_value("sluice_test_tally_total", labels)

    assert (read("stored", ""), read("unsigned", "missing")) == (3, 1)
    assert read("busy", "") is None
    REGISTRY.unregister(tally)


def test_durations_fill_every_bucket_above_them() -> None:
    durations = Durations("sluice_test_seconds", "of a test", (0.1, 1))
    for seconds in (0.05, 0.1, 0.5, 3):
        durations.observe(seconds)
    buckets = [
        REGISTRY.get_sample_value("sluice_test_seconds_bucket", {"le": bound})
        for bound in ("0.1", "1", "+Inf")
    ]
    assert buckets == [2, 3, 4]
    assert REGISTRY.get_sample_value("sluice_test_seconds_count") == 4
    assert REGISTRY.get_sample_value("sluice_test_seconds_sum") == 3.65
    REGISTRY.unregister(durations)
