"""Receive: a batch of events from INBOUND becomes conversations, in one transaction.

load (world.py) → decide (decide.py, pure) → dispatch the sends it set free → write. Called by
entrypoints.consumer; the batch may be repeated at any time, whole or in part, and ends the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from contracts.events import Event
from inbox_core.app.decide import decide
from inbox_core.app.dispatch import dispatch_next
from inbox_core.app.plan import Plan
from inbox_core.app.ports import Store
from inbox_core.app.threads import commit
from inbox_core.app.world import load, place
from inbox_core.domain.actors import WORKER


@dataclass(slots=True)
class Received:
    """What became of a batch: `outcomes` counts by name, `unknown_channel` are indexes."""

    outcomes: dict[str, int] = field(default_factory=dict)
    unknown_channel: list[int] = field(default_factory=list)


async def receive(store: Store, events: Sequence[Event], now: datetime) -> Received:
    """One transaction for all of them. Raises what the database raises: the caller repeats."""
    async with store.begin() as uow:
        channels = await uow.channels_by_account({(e.channel, e.account) for e in events})
        received = Received()
        placed = []
        for index, event in enumerate(events):
            channel = channels.get((event.channel, event.account))
            if channel is None:
                received.unknown_channel.append(index)
            else:
                placed.append(place(event, channel))
        if not placed:
            return received
        world = await load(uow, placed, now)
        plan = Plan(now, WORKER)
        decision = decide(world, plan)
        received.outcomes = decision.outcomes
        await dispatch_next(uow, plan, world, decision.freed)
        await commit(uow, plan, world)
    return received
