"""The gauges of retention: how full, and for how many hours it lasts."""

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from bus.memory import MemoryBus
from bus.retention import Retention


def gauge(name: str) -> float:
    value = REGISTRY.get_sample_value(name, {"stream": "AI"})
    assert value is not None
    return value


async def test_hours_left_follow_the_rate(memory: MemoryBus) -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    retention = Retention(memory, "AI", now=lambda: now)
    await memory.publisher.publish("ai.summary", b"x" * 1000)
    await retention.look()
    state = await memory.stream("AI")
    assert gauge("sluice_stream_used_ratio") == pytest.approx(state.bytes / state.max_bytes)

    now += timedelta(hours=1)
    await memory.publisher.publish("ai.summary", b"x" * 1000)
    await retention.look()
    per_hour = state.bytes
    left = (state.max_bytes - 2 * per_hour) / per_hour
    assert gauge("sluice_stream_hours_left") == pytest.approx(left)

    now += timedelta(hours=1)
    await retention.look()
    assert gauge("sluice_stream_hours_left") == float("inf")
