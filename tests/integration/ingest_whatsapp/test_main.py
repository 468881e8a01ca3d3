"""The service put together, on a real NATS: each role builds what it needs and nothing else."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest

from bus.errors import Drift
from chassis.lifecycle import Lifecycle, StartFailed
from contracts.subjects import CONSUMERS, Consumer
from ingest_whatsapp.main import PATH, build
from ingest_whatsapp.settings import Settings
from metagraph.signature import HEADER, sign
from support import whatsapp as wa
from support.delivery import WHATSAPP, Delivery, command, delivering, settings_of
from support.rigs import QUICK_CONSUMERS, make_rig
from support.whatsapp_gate import SECRET


@asynccontextmanager
async def surroundings(
    folder: Path, consumers: Sequence[Consumer] = CONSUMERS
) -> AsyncIterator[Delivery]:
    """A real NATS with the streams of the table, and an emulator of Graph."""
    rig = await make_rig("jetstream", folder, consumers=consumers)
    try:
        async with delivering(rig, WHATSAPP) as around:
            yield around
    finally:
        await rig.close()


@asynccontextmanager
async def running(around: Delivery, *roles: str) -> AsyncIterator[str]:
    """The service in these roles; yields the URL of its webhook."""
    settings = Settings(**settings_of(around, roles))
    life = Lifecycle()
    try:
        await build(life, settings)
        yield f"http://127.0.0.1:{settings.http_port}{PATH}"
    finally:
        assert await life.stop(20)


async def post(around: Delivery, url: str) -> int:
    body = wa.texts([1])
    headers = {HEADER: sign(body, SECRET)}
    async with around.session.post(url, data=BytesIO(body), headers=headers) as response:
        return response.status


async def test_all_roles_in_one_process(tmp_path: Path) -> None:
    async with (
        surroundings(tmp_path) as around,
        running(around, "receive", "deliver", "media") as url,
    ):
        asked = command()
        await around.ask(asked)
        assert await post(around, url) == 200
        assert (await around.rig.bus.stream("INBOUND")).messages >= 1
        assert (await around.result_of(asked)).data.outcome == "sent"


async def test_receiving_alone_leaves_commands_where_they_are(tmp_path: Path) -> None:
    async with (
        surroundings(tmp_path) as around,
        running(around, "receive") as url,
    ):
        await around.ask(command())
        assert await post(around, url) == 200
        assert (await around.rig.bus.stream("OUTBOUND")).messages == 1
        assert around.accepted() == []


async def test_delivering_alone_opens_no_door(tmp_path: Path) -> None:
    async with (
        surroundings(tmp_path) as around,
        running(around, "deliver") as url,
    ):
        asked = command()
        await around.ask(asked)
        assert (await around.result_of(asked)).data.outcome == "sent"
        with pytest.raises(aiohttp.ClientConnectorError):
            await post(around, url)


async def test_streams_that_drifted_stop_the_start(tmp_path: Path) -> None:
    async with surroundings(tmp_path, QUICK_CONSUMERS) as around:
        with pytest.raises(StartFailed, match="streams did not start") as failed:
            async with running(around, "receive"):
                pass
        assert isinstance(failed.value.__cause__, Drift)
        assert "whatsapp-send" in str(failed.value.__cause__)
