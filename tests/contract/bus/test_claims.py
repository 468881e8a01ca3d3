"""Claims over the bucket of both buses: the race, and a server that goes in the middle."""

import asyncio
import time

import pytest

from bus.claims import Busy, Claimed, Claims, Finished
from bus.errors import Unavailable
from support.rigs import AnyBus, Rig

KEY = "0198c0de-0000-7000-8000-000000000001.1.0"


def claims(bus: AnyBus, owner: str) -> Claims:
    return Claims(
        bus.bucket("claims"),
        owner,
        call_timeout_s=20,
        ack_wait_s=30,
        now=time.time,
    )


async def test_of_processes_that_race_one_claims(rig: Rig) -> None:
    hands = [claims(await rig.another(), f"hand {number}") for number in range(4)]
    for turn in range(10):
        verdicts = await asyncio.gather(*(hand.take(f"{KEY}{turn}") for hand in hands))
        assert [type(verdict) for verdict in verdicts].count(Claimed) == 1
        assert [type(verdict) for verdict in verdicts].count(Busy) == 3


async def test_a_claim_outlives_the_server(rig: Rig) -> None:
    hand = claims(rig.bus, "one")
    held = await hand.take(KEY)
    assert isinstance(held, Claimed)
    await rig.outage()
    with pytest.raises(Unavailable):
        await hand.finish(held, b"sent")
    await rig.recover()
    await hand.finish(held, b"sent")
    assert await claims(await rig.another(), "two").take(KEY) == Finished(b"sent")
