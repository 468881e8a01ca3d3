"""A stage for each test, and the two buses for stories about redelivery."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from integration.adapter.stage import Stage, new_emulator
from metagraph.download import Downloader
from metagraph.graph import open_session
from support.rigs import Rig, make_rig


@pytest.fixture(params=["memory", "jetstream"])
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    rig = await make_rig(request.param, tmp_path / "nats")
    yield rig
    await rig.close()


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with new_emulator() as emulator, open_session() as session:
        origin = [emulator.url]
        async with Downloader(allowed=origin, takes_token=origin, timeout_s=5) as downloader:
            stage = Stage(emulator, session, tmp_path / "files", downloader)
            for channel in ("whatsapp", "messenger", "instagram"):
                await stage.channel(channel)
            yield stage
