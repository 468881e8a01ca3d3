"""Receive: a batch of events from INBOUND becomes conversations, in one transaction.

load (world.py) → decide (decide.py, pure) → dispatch the sends it set free → write. Called by
entrypoints.consumer; the batch may be repeated at any time, whole or in part, and ends the same.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from contracts.events import AccountEvent, Event, UnsupportedEvent
from inbox_core.app.account_health import tell_of_health
from inbox_core.app.decide import decide
from inbox_core.app.decision import Decision
from inbox_core.app.dispatch import dispatch_next
from inbox_core.app.placing import Placed, place
from inbox_core.app.plan import Plan
from inbox_core.app.ports import Key, Store, UnitOfWork
from inbox_core.app.threads import commit
from inbox_core.app.world import World, load
from inbox_core.domain.actors import WORKER


@dataclass(slots=True)
class Received:
    """What became of a batch: `outcomes` counts by name, `unknown_channel` are indexes.

    `seen`: events by channel. `failures`: failed sends by (channel, kind of problem).
    """

    outcomes: dict[str, int] = field(default_factory=dict)
    unknown_channel: list[int] = field(default_factory=list)
    seen: dict[Key, int] = field(default_factory=dict)
    failures: dict[tuple[Key, str], int] = field(default_factory=dict)


async def receive(store: Store, events: Sequence[Event], now: datetime) -> Received:
    """One transaction for all of them. Raises what the database raises: the caller repeats."""
    async with store.begin() as uow:
        placed, unknown = await _place(uow, events)
        received = Received(unknown_channel=unknown)
        if not placed:
            return received
        decision = await carry_out(uow, placed, now)
        received.outcomes = dict(decision.outcomes)
        received.failures = dict(decision.failures)
        seen = Counter((row.channel.workspace_id, row.channel.id) for row in placed)
        received.seen = dict(seen)
    return received


async def carry_out(uow: UnitOfWork, placed: list[Placed], now: datetime) -> Decision:
    """Load, decide, write what events with known channels come to."""
    world = await load(uow, placed, now)
    plan = Plan(now, WORKER)
    decision = decide(world, plan)
    for conversation_id in decision.faded:
        await _show_newest(uow, world, conversation_id)
    if decision.health:
        await tell_of_health(uow, plan, decision.health)
    await dispatch_next(uow, plan, world, decision.freed)
    await commit(uow, plan, world)
    return decision


async def _place(uow: UnitOfWork, events: Sequence[Event]) -> tuple[list[Placed], list[int]]:
    """The events with their channels, and the indexes of those that have none."""
    channels = await uow.channels_by_account({(e.channel, e.account) for e in events})
    placed: list[Placed] = []
    unknown: list[int] = []
    for index, event in enumerate(events):
        channel = channels.get((event.channel, event.account))
        if channel is None:
            unknown.append(index)
        else:
            found = place(event, channel)
            placed.append(replace(found, item=event.id) if event.renormalized else found)
    if unknown:
        shared, unknown = await _place_by_parent(uow, events, unknown)
        placed += shared
    return placed, unknown


async def _place_by_parent(
    uow: UnitOfWork, events: Sequence[Event], indexes: Sequence[int]
) -> tuple[list[Placed], list[int]]:
    """News of an account above others concern each of these; what is no news belongs to nobody.

    An item nobody understands is kept once, with the first of them.
    """
    wanted = {(events[index].channel, events[index].account) for index in indexes}
    under = await uow.channels_by_parent(wanted)
    placed: list[Placed] = []
    unknown: list[int] = []
    for index in indexes:
        event = events[index]
        own = [c for c in under if (c.type, c.parent) == (event.channel, event.account)]
        if not own or not isinstance(event, AccountEvent | UnsupportedEvent):
            unknown.append(index)
            continue
        once = isinstance(event, UnsupportedEvent)
        for channel in own[:1] if once else own:
            copy = event if once else event.model_copy(update={"id": f"{event.id}@{channel.id}"})
            placed.append(place(copy, channel))
    return placed, unknown


async def _show_newest(uow: UnitOfWork, world: World, conversation_id: UUID) -> None:
    """The row of a conversation whose shown message is gone shows the newest of those left."""
    conversation = world.conversations[conversation_id]
    key = (conversation.workspace_id, conversation.id)
    here = [m for m in world.messages.values() if m.conversation_id == conversation.id]
    stored = await uow.newest_shown(key, [message.id for message in here])
    shown = [m for m in here if m.is_shown_in_row]
    left = [*shown, stored] if stored else shown
    conversation.show(max(left, key=lambda m: (m.sent_at, m.seq), default=None))
