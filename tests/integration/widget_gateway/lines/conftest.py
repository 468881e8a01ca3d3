"""A gateway with a team behind it, on both buses."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.rigs import Rig, make_rig
from support.team import Team
from support.widget import Gate, WidgetWorld, widget_world


@pytest.fixture(params=["memory", "jetstream"])
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    rig = await make_rig(request.param, tmp_path)
    yield rig
    await rig.close()


@pytest.fixture
async def team() -> Team:
    return Team()


@pytest.fixture
async def world(rig: Rig, team: Team) -> AsyncIterator[WidgetWorld]:
    async with (
        widget_world(
            rig, history=team, config={"origins": "https://shop.example", "csat": "on"}
        ) as world,
        team.at_work(rig.bus, world),
    ):
        yield world


@pytest.fixture
async def gate(world: WidgetWorld) -> AsyncIterator[Gate]:
    async with world.gateway() as gate:
        yield gate
