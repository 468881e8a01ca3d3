"""Delivering to Messenger and Instagram, by either login: every story here runs for each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.delivery import INSTAGRAM, INSTAGRAM_LOGIN, MESSENGER, Delivery, delivering
from support.rigs import make_rig

SIDES = {"messenger": MESSENGER, "instagram": INSTAGRAM, "instagram login": INSTAGRAM_LOGIN}


@pytest.fixture(params=SIDES.values(), ids=SIDES)
async def delivery(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Delivery]:
    rig = await make_rig("memory", tmp_path)
    async with delivering(rig, request.param) as delivery:
        yield delivery
    await rig.close()
