"""The gate over the fake and the real bus: every story of this folder runs on both."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bus.batching import Batcher
from bus.dead import DeadLetters
from chassis.http import listener
from ingest_whatsapp import http
from metagraph.challenge import Handshake
from metagraph.signature import Signatures
from support.rigs import Rig, make_rig
from support.whatsapp_gate import OLD_SECRET, QUEUE_EVENTS, SECRET, TOKEN, Gate


@pytest.fixture(params=["memory", "jetstream"])
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    rig = await make_rig(request.param, tmp_path)
    yield rig
    await rig.close()


@pytest.fixture
async def gate(rig: Rig) -> AsyncIterator[Gate]:
    limits = http.Limits(read_s=2.0)
    batcher = Batcher(rig.bus.publisher, queue_events=QUEUE_EVENTS)
    dead = DeadLetters(rig.bus.publisher, "ingest-whatsapp")
    receiver = http.Receiver(Signatures([SECRET, OLD_SECRET]), batcher, dead, limits)
    app = http.webhook_app(receiver, Handshake([TOKEN]), limits.body)
    await batcher.start()
    async with listener(app, "127.0.0.1", 0) as port, aiohttp.ClientSession() as session:
        yield Gate(rig, f"http://127.0.0.1:{port}{http.PATH}", session)
    await batcher.stop()
