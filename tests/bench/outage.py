"""NATS is down: how fast the platform hears 503, so that it comes back later with every webhook."""

from pathlib import Path

from bench import programs
from bench.driver import drive, job
from bench.figures import Section
from bench.sizes import Size
from sluice_local.facts import Facts
from sluice_local.servers.nats import NatsServer

UNAVAILABLE = 503
TO_503_MS = 50.0
"""A tenth of what a platform would call slow."""


def measure(size: Size, facts: Facts, nats: NatsServer, logs: Path) -> Section:
    """Kills the server that is handed in; somebody else owns it."""
    section = Section("NATS is down")
    secret = facts.secrets.meta_app_secret
    with programs.service("ingest-whatsapp", ("receive",), facts, logs) as receiver:

        def some(count: int) -> object:
            return None

        asked = {"seconds": 30.0, "contacts": size.contacts, "connections": size.connections}
        warm = drive(receiver, job(receiver, secret, count=size.outage_count, **asked))
        section.expect_none(warm.result.errors(), "webhooks not answered 200 before the outage")
        nats.kill()
        down = drive(receiver, job(receiver, secret, count=size.outage_count, **asked)).result
    section.expect_none(down.errors(UNAVAILABLE), "webhooks not answered 503 during the outage")
    for key, value in (("p50", down.latency_ms.p50), ("p99", down.latency_ms.p99)):
        section.add(key, f"a webhook's 503, {key}", "ms", [value], digits=1)
    section.add("max", "a webhook's 503, slowest", "ms", [down.latency_ms.most], digits=1)
    return section
