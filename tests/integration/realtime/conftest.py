"""Every story of this folder runs twice: over the fake bus and over a real NATS of its own."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import aiohttp
import pytest

from support.realtime import Process, Screens, Truth, process
from support.rigs import Rig, make_rig


@pytest.fixture(params=["memory", "jetstream"])
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    made = await make_rig(request.param, tmp_path / "nats")
    yield made
    await made.close()


@pytest.fixture
def truth(rig: Rig) -> Truth:
    return Truth(rig.bus)


@pytest.fixture
def workspace() -> UUID:
    return uuid4()


@pytest.fixture
async def here(rig: Rig) -> AsyncIterator[Process]:
    async with process(rig.bus) as made:
        yield made


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as made:
        yield made


@pytest.fixture
async def screens(
    session: aiohttp.ClientSession,
    truth: Truth,
    here: Process,  # noqa: ARG001 # so that screens end before the process does
) -> AsyncIterator[Screens]:
    made = Screens(session, truth)
    yield made
    await made.close()
