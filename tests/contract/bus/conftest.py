"""Every story of this folder runs twice: over the fake and over a real server of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.rigs import AnyBus, JetStreamRig, Rig, make_rig


@pytest.fixture(params=["memory", "jetstream"])
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    made = await make_rig(request.param, tmp_path / "nats")
    yield made
    await made.close()


@pytest.fixture
def bus(rig: Rig) -> AnyBus:
    return rig.bus


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[JetStreamRig]:
    """Only the real one, for what is about nats-py or the server itself."""
    made = await make_rig("jetstream", tmp_path / "nats")
    assert isinstance(made, JetStreamRig)
    yield made
    await made.close()
