"""Health: what probes are told, over the admin listener."""

import pytest
from aiohttp.test_utils import TestClient, TestServer

from chassis import metrics
from chassis.admin import admin_app
from chassis.health import STALE_S, Health


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_alive_while_the_loop_ticks() -> None:
    clock = Clock()
    health = Health(clock)
    assert health.not_alive() is None
    clock.now += STALE_S + 1
    assert "event loop silent for 11 s" in (health.not_alive() or "")
    health.tick()
    assert health.not_alive() is None


def test_the_first_fatal_reason_stays() -> None:
    health = Health()
    health.fail("first")
    health.fail("second")
    assert health.not_alive() == "first"


def test_ready_between_start_and_drain_while_its_own_conditions_hold() -> None:
    health = Health()
    full: list[str] = []
    health.add_check("queue", lambda: full[0] if full else None)
    assert health.not_ready() == "starting"
    health.started = True
    assert health.not_ready() is None
    full.append("above its bound")
    assert health.not_ready() == "queue: above its bound"
    full.clear()
    health.draining = True
    assert health.not_ready() == "draining"


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/livez", 200, "ok"),
        ("/readyz", 503, "starting"),
        ("/metrics", 200, 'sluice_outcomes_total{outcome="dead",reason="broken",stage="test"} '),
        ("/", 404, "Not Found"),
    ],
)
async def test_the_admin_listener(path: str, status: int, words: str) -> None:
    metrics.count("test", "dead", "broken", items=2)
    async with TestClient(TestServer(admin_app(Health()))) as client:
        answer = await client.get(path)
        assert answer.status == status
        assert words in await answer.text()
