"""A visitor's questions a second: what they may see of their threads, asked over NATS.

Every socket that opens asks one, and one after each answer of the team: so this bounds how many
visitors come back at once after an outage. inbox-core has the role `api` alone; each visitor has a
thread of ten messages, half of them the team's, and knows nothing of it yet.
"""

import asyncio
import time
from collections.abc import Iterator

from bench import programs
from bench.driver import cpu_s
from bench.figures import Section
from bench.percentiles import spread
from bench.programs import Receiver
from bench.sizes import Size
from bench.stack import Stack
from bus import jetstream
from bus.errors import BusError
from bus.jetstream import JetStreamBus
from contracts import subjects
from contracts.parts import Alias
from contracts.rpc import DEADLINE_S, HistoryAnswer, HistoryRequest
from sluice_local.facts import DATABASE
from widget_gateway.capabilities import CAPABILITIES

TYPE = CAPABILITIES.channel
ACCOUNT = "bench-history"
VISITORS = 500
MESSAGES = 10
ASKERS = 16

THREADS = f"""
CREATE TEMP TABLE who AS
SELECT workspace_id AS workspace, user_id AS member, channel, gen_random_uuid() AS contact,
       gen_random_uuid() AS identity, gen_random_uuid() AS thread, number
FROM (SELECT workspace_id, user_id, gen_random_uuid() AS channel FROM members LIMIT 1) AS one,
     generate_series(1, {VISITORS}) AS number;
INSERT INTO channels (workspace_id, id, type, account, name, secret)
SELECT DISTINCT workspace, channel, '{TYPE}', '{ACCOUNT}', 'Bench', '' FROM who;
INSERT INTO contacts (workspace_id, id) SELECT workspace, contact FROM who;
INSERT INTO identities (workspace_id, id, channel_id, contact_id)
SELECT workspace, identity, channel, contact FROM who;
INSERT INTO identity_aliases (workspace_id, channel_id, kind, value, identity_id, seen_at)
SELECT workspace, channel, 'visitor', 'v' || number, identity, now() FROM who;
INSERT INTO conversations (workspace_id, id, channel_id, identity_id, contact_id, status, last_seq,
                           last_message_at, last_preview, last_author, created_at)
SELECT workspace, thread, channel, identity, contact, 0, {MESSAGES}, now(), '', 'contact', now()
FROM who;
INSERT INTO messages (workspace_id, conversation_id, seq, id, channel_id, direction, kind,
                      author_type, author_id, parts, sent_at, created_at)
SELECT workspace, thread, seq, gen_random_uuid(), channel,
       CASE WHEN ours THEN 'outbound' ELSE 'inbound' END, 'message',
       CASE WHEN ours THEN 'user' ELSE 'contact' END, CASE WHEN ours THEN member ELSE contact END,
       '[{{"kind": "text", "text": "Is it there in blue, too?"}}]', now(), now()
FROM who, generate_series(1, {MESSAGES}) AS seq, LATERAL (SELECT seq % 2 = 0 AS ours) AS turn;
ANALYZE
"""  # noqa: S608 - words of this file


def measure(size: Size, stack: Stack) -> Section:
    """Every round asks as often; its first answers are warm already."""
    section = Section("a visitor's history")
    stack.postgres.sql(THREADS, DATABASE)
    with programs.service("inbox-core", ("api",), stack.facts, stack.logs) as core:
        rates, costs, slow = asyncio.run(_rounds(size, stack.facts.nats_url, core, section))
    what = f"questions answered, {MESSAGES} messages each, {ASKERS} at once"
    section.add("history.rate", what, "questions/s", rates)
    section.add("history.p99", "question → answer, p99", "ms", slow, digits=1)
    section.add("history.cpu", "processor time a question, inbox-core", "µs", costs)
    return section


async def _rounds(
    size: Size, nats_url: str, core: Receiver, section: Section
) -> tuple[list[float], list[float], list[float]]:
    """Of each round: questions a second, µs of processor time each, their p99 in ms."""
    rates, costs, slow = [], [], []
    bus = await jetstream.connect(nats_url, name="bench")
    try:
        await bus.bucket("capabilities").put(TYPE, CAPABILITIES.model_dump_json().encode())
        await _known(bus)
        for number in range(size.rounds + 1):
            cpu, began = cpu_s(core.pid), time.perf_counter()
            times, wrong = await _round(bus, size.histories)
            seconds = time.perf_counter() - began
            section.expect_none(wrong, "questions without a whole answer")
            if number and times:
                rates.append(len(times) / seconds)
                costs.append(1e6 * (cpu_s(core.pid) - cpu) / len(times))
                slow.append(spread(times).p99)
    finally:
        await bus.close()
    return rates, costs, slow


async def _round(bus: JetStreamBus, count: int) -> tuple[list[float], int]:
    """How many ms each answer took, and how many were none."""
    times: list[float] = []
    numbers = iter(range(count))
    await asyncio.gather(*(_asker(bus, numbers, times) for _ in range(ASKERS)))
    return times, count - len(times)


async def _asker(bus: JetStreamBus, numbers: Iterator[int], times: list[float]) -> None:
    for number in numbers:
        began = time.perf_counter()
        if await _ask(bus, number) == MESSAGES:
            times.append(1e3 * (time.perf_counter() - began))


async def _known(bus: JetStreamBus) -> None:
    """inbox-core has heard that the channel shows threads. Raises TimeoutError."""
    async with asyncio.timeout(10):
        while await _ask(bus, 0) != MESSAGES:  # noqa: ASYNC110 - what it asks is elsewhere
            await asyncio.sleep(0.01)


async def _ask(bus: JetStreamBus, number: int) -> int:
    """How many messages the answer has."""
    who = Alias(kind="visitor", value=f"v{number % VISITORS + 1}")
    question = HistoryRequest(type=TYPE, account=ACCOUNT, aliases=(who,))
    try:
        body = question.model_dump_json().encode()
        answer = await bus.ask(subjects.VISITOR_HISTORY, body, DEADLINE_S)
    except BusError:
        return 0
    return len(HistoryAnswer.model_validate_json(answer).messages)
