"""Receiving over the fake and the real bus; delivering for each channel and login."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ingest_meta.channels import META
from support.delivery import (
    INSTAGRAM,
    INSTAGRAM_LOGIN,
    MESSENGER,
    Delivery,
    Side,
    delivering,
)
from support.rigs import Rig, make_rig
from support.whatsapp_gate import Gate, open_gate


@pytest.fixture(params=["memory", "jetstream"])
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    rig = await make_rig(request.param, tmp_path)
    yield rig
    await rig.close()


@pytest.fixture
async def gate(rig: Rig) -> AsyncIterator[Gate]:
    async with open_gate(rig, META) as gate:
        yield gate


@pytest.fixture(
    params=[MESSENGER, INSTAGRAM, INSTAGRAM_LOGIN],
    ids=["messenger", "instagram", "instagram login"],
)
async def side(request: pytest.FixtureRequest) -> Side:
    found: Side = request.param
    return found


@pytest.fixture
async def delivery(side: Side, tmp_path: Path) -> AsyncIterator[Delivery]:
    """On the fake bus: how delivering meets the real one is told by ingest_whatsapp's stories."""
    rig = await make_rig("memory", tmp_path)
    async with delivering(rig, side) as delivery:
        yield delivery
    await rig.close()
