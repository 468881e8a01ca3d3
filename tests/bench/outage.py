"""NATS is away: how fast the platform hears 503, so that it keeps the webhook and comes back.

Twice: the server hangs (SIGSTOP: the connection stands, nobody answers), and the server is gone.
"""

import os
import signal
from pathlib import Path

from bench import programs
from bench.driver import drive, job
from bench.figures import Section
from bench.load import Result
from bench.programs import Receiver
from bench.sizes import Size
from sluice_local.facts import Facts
from sluice_local.servers.nats import NatsServer

UNAVAILABLE = 503
AT_MOST_S = 30.0


def measure(size: Size, facts: Facts, nats: NatsServer, logs: Path) -> Section:
    """Kills the server that is handed in; it stays its owner's to clean up."""
    section = Section("NATS away")
    with programs.service("ingest-whatsapp", ("receive",), facts, logs) as receiver:
        before = _post(receiver, facts, size, size.outage_count)
        section.expect_none(before.errors(), "webhooks not answered 200 before the outage")
        hangs = _while_hanging(receiver, facts, size, nats)
        section.expect_none(
            hangs.errors(UNAVAILABLE), "webhooks not answered 503 by a hanging NATS"
        )
        nats.kill()
        gone = _post(receiver, facts, size, size.outage_count)
        section.expect_none(gone.errors(UNAVAILABLE), "webhooks not answered 503 without NATS")
    for key, what, result in (("hangs", "hangs", hangs), ("gone", "is gone", gone)):
        latency = result.latency_ms
        for name, value in (("p50", latency.p50), ("p99", latency.p99), ("slowest", latency.most)):
            section.add(f"{key}.{name}", f"503 while NATS {what}, {name}", "ms", [value], digits=1)
    return section


def _while_hanging(receiver: Receiver, facts: Facts, size: Size, nats: NatsServer) -> Result:
    if nats.pid is None:
        raise RuntimeError("NATS ended by itself")
    os.kill(nats.pid, signal.SIGSTOP)
    try:
        return _post(receiver, facts, size, size.connections)
    finally:
        os.kill(nats.pid, signal.SIGCONT)


def _post(receiver: Receiver, facts: Facts, size: Size, count: int) -> Result:
    asked = job(
        receiver,
        facts.secrets.meta_app_secret,
        count=count,
        seconds=AT_MOST_S,
        contacts=size.contacts,
        connections=size.connections,
    )
    return drive(receiver, asked).result
