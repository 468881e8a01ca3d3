"""Bodies nobody ever sent, through the real gate: each is answered 200, and nothing breaks."""

from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from contracts import batch
from contracts.subjects import CONSUMERS, STREAMS
from ingest_whatsapp.normalize import WHATSAPP
from ingest_whatsapp.payloads import parse
from support import payload_properties as pp
from support.goldens import DATA, Goldens
from support.rigs import MemoryRig
from support.whatsapp_gate import Gate, open_gate

GOLDEN = pp.recorded(Goldens(WHATSAPP, DATA / "whatsapp").payloads)
COUNT = 400


@pytest.fixture
async def memory_gate() -> AsyncIterator[Gate]:
    rig = MemoryRig(STREAMS, CONSUMERS)
    async with open_gate(rig) as gate:
        yield gate
    await rig.close()


@pytest.mark.parametrize("seed", range(3))
async def test_whatever_is_signed_is_stored_without_an_error(memory_gate: Gate, seed: int) -> None:
    with capture_logs() as lines:
        for body in pp.mutants(GOLDEN, COUNT, seed):
            answer = await memory_gate.post(body)
            assert answer == (200, "stored"), body
    assert not [line for line in lines if line["log_level"] in {"error", "critical", "warning"}]
    for event in await memory_gate.events():
        batch.decode_event(event)


async def test_what_nobody_can_parse_is_laid_down_and_nothing_else(memory_gate: Gate) -> None:
    bodies = list(dict.fromkeys(pp.mutants(GOLDEN, COUNT, seed=7)))
    for body in bodies:
        await memory_gate.post(body)
    refused = {body for body in bodies if parse(body).refused}
    dead = {body for reason, body in await memory_gate.dead() if reason.startswith("un")}
    assert refused == dead
