"""The service put together, on a real NATS: each role builds what it needs and nothing else."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from adapter import channels
from bus.errors import Drift, Unavailable
from chassis.lifecycle import Lifecycle, StartFailed
from contracts.subjects import CONSUMERS, Consumer, validate
from sluice_local.servers.ports import free_port
from support.rigs import QUICK_CONSUMERS, JetStreamRig, make_rig
from support.widget import ACCOUNT, ORIGIN, WidgetWorld, widget_world
from widget_gateway.main import build
from widget_gateway.settings import DELIVER, RECEIVE, Settings


@asynccontextmanager
async def surroundings(
    folder: Path, consumers: Sequence[Consumer] = CONSUMERS
) -> AsyncIterator[WidgetWorld]:
    rig = await make_rig("jetstream", folder, consumers=consumers)
    try:
        async with widget_world(rig) as world:
            yield world
    finally:
        await rig.close()


@asynccontextmanager
async def running(world: WidgetWorld, *roles: str) -> AsyncIterator[str]:
    """The service in these roles; yields the address of its channel."""
    assert isinstance(world.rig, JetStreamRig)
    port = free_port()
    settings = Settings(
        nats_url=world.rig.server.url,
        roles=frozenset(roles),
        http_port=port,
        admin_port=0,
        vault_keys_channels=world.channel_ring.dump(),
        vault_keys_visitors=world.visitor_ring.dump() if RECEIVE in roles else None,
        files_url="memory:///",
    )
    life = Lifecycle()
    try:
        await build(life, settings)
        yield f"http://127.0.0.1:{port}/widget/v1/{ACCOUNT}"
    finally:
        assert await life.stop(20)


async def begin(url: str) -> int:
    """The status of a new session."""
    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{url}/sessions", json={}, headers={"Origin": ORIGIN}) as response,
    ):
        return response.status


async def test_receiving_opens_the_doors(tmp_path: Path) -> None:
    async with surroundings(tmp_path) as world, running(world, RECEIVE) as url:
        assert await begin(url) == 200
        with pytest.raises(Unavailable):
            await world.rig.bus.ask(validate("widget"), b"{}", 1)


async def test_delivering_alone_opens_no_door(tmp_path: Path) -> None:
    async with surroundings(tmp_path) as world, running(world, DELIVER) as url:
        assert await world.rig.bus.ask(validate("widget"), b"{}", 5)
        with pytest.raises(aiohttp.ClientConnectorError):
            await begin(url)


async def test_a_channel_that_was_there_before_is_known_at_once(tmp_path: Path) -> None:
    async with surroundings(tmp_path) as world:
        assert await world.rig.bus.bucket(channels.BUCKET).entries()
        async with running(world, RECEIVE, DELIVER) as url:
            assert await begin(url) == 200


async def test_streams_that_drifted_stop_the_start(tmp_path: Path) -> None:
    async with surroundings(tmp_path, QUICK_CONSUMERS) as world:
        with pytest.raises(StartFailed, match="streams did not start") as failed:
            async with running(world, RECEIVE):
                pass
        assert isinstance(failed.value.__cause__, Drift)
        assert "widget-send" in str(failed.value.__cause__)
