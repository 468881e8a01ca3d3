"""The two buses, and a widget's world over each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.rigs import make_rig
from support.widget import Gate, WidgetWorld, widget_world


@pytest.fixture(params=["memory", "jetstream"])
async def world(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[WidgetWorld]:
    rig = await make_rig(request.param, tmp_path)
    async with widget_world(rig) as world:
        yield world
    await rig.close()


@pytest.fixture
async def gate(world: WidgetWorld) -> AsyncIterator[Gate]:
    async with world.gateway() as gate:
        yield gate
