"""Events a second from INBOUND into Postgres, by one worker process.

The worker is ready and then halted (SIGSTOP) while the events gather, posted as webhooks, so that
they lie in INBOUND as ingest-whatsapp packs them. The clock starts when the worker goes on and
stops when JetStream has its last acknowledgement; then every event has to be a row, once.
"""

import asyncio
import os
import signal
import time

from bench import programs
from bench.driver import cpu_s, drive, job
from bench.figures import Section
from bench.programs import Receiver
from bench.sizes import Size
from bench.stack import Stack
from bus import jetstream
from bus.jetstream import JetStreamBus

CONSUMER = "inbox-core"
GATHER_S = 25.0
"""Below the ack_wait of what the halted worker may hold, and NATS' patience with its silence."""
DRAIN_S = 120.0
LOOK_S = 0.005


def measure(size: Size, stack: Stack) -> Section:
    """inbox-core as a worker alone; every round brings new messages."""
    section = Section("INBOUND to Postgres")
    rates: list[float] = []
    costs: list[float] = []
    with programs.service(CONSUMER, ("worker",), stack.facts, stack.logs) as worker:
        for number in range(size.rounds + 1):
            count = size.stored_events if number else size.stored_events // 4
            events, seconds, cpu = _round(size, stack, worker, count, section)
            if number:
                rates.append(events / seconds)
                costs.append(1e6 * cpu / events)
    what = f"{size.stored_events:,} messages of {size.contacts:,} contacts, stored once each"
    section.add("events.rate", what, "events/s", rates)
    section.add("events.cpu", "processor time an event, the worker", "µs", costs)
    return section


def _round(
    size: Size, stack: Stack, worker: Receiver, count: int, section: Section
) -> tuple[int, float, float]:
    """How many events were stored, in how many seconds, for how many of processor time."""
    before = stack.count("messages")
    os.kill(worker.pid, signal.SIGSTOP)
    try:
        asked = job(
            stack.ingest,
            stack.facts.secrets.meta_app_secret,
            count=count,
            seconds=GATHER_S,
            contacts=size.contacts,
            connections=size.connections,
        )
        posted = drive(stack.ingest, asked).result
        cpu = cpu_s(worker.pid)
    finally:
        started = time.perf_counter()
        os.kill(worker.pid, signal.SIGCONT)
    ended = asyncio.run(_drained(stack.facts.nats_url))
    cpu = cpu_s(worker.pid) - cpu
    events = posted.answers.get(200, 0)
    section.expect_none(posted.errors(), "webhooks not answered 200")
    section.expect_none(abs(stack.count("messages") - before - events), "events lost or doubled")
    return events, ended - started, cpu


async def _drained(nats_url: str) -> float:
    """When the consumer had acknowledged everything. Raises TimeoutError after DRAIN_S."""
    bus = await jetstream.connect(nats_url, name="bench")
    try:
        async with asyncio.timeout(DRAIN_S):
            while not await _is_drained(bus):  # noqa: ASYNC110 - what it asks is in another process
                await asyncio.sleep(LOOK_S)
            return time.perf_counter()
    finally:
        await bus.close()


async def _is_drained(bus: JetStreamBus) -> bool:
    state = await bus.api.call(f"CONSUMER.INFO.INBOUND.{CONSUMER}")
    waiting: int = state["num_pending"] + state["num_ack_pending"]
    return waiting == 0
