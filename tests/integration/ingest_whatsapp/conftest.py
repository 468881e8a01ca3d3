"""Receiving and delivering over the fake and the real bus: every story here runs on both."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.delivery import WHATSAPP, Delivery, delivering
from support.rigs import Rig, make_rig
from support.whatsapp_gate import Gate, open_gate


@pytest.fixture(params=["memory", "jetstream"])
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    rig = await make_rig(request.param, tmp_path)
    yield rig
    await rig.close()


@pytest.fixture
async def gate(rig: Rig) -> AsyncIterator[Gate]:
    async with open_gate(rig) as gate:
        yield gate


@pytest.fixture
async def delivery(rig: Rig) -> AsyncIterator[Delivery]:
    async with delivering(rig, WHATSAPP) as delivery:
        yield delivery
