"""Settle: what became of a message we sent. Results, statuses, and echoes that say whose they are.

Called by app.decide and app.watermarks. The state of a part is a maximum (domain/delivery.py), so
no order of these news matters.
"""

from datetime import datetime
from typing import Any

from contracts.commands import CommandId
from inbox_core.app.amend import refresh_row
from inbox_core.app.decision import Decision
from inbox_core.app.echoes import is_echo, take_over
from inbox_core.app.media import follow
from inbox_core.app.placing import Placed
from inbox_core.app.plan import Plan
from inbox_core.app.world import World
from inbox_core.domain.delivery import Delivery, Rank, Stage
from inbox_core.domain.references import Reference

RANKS: dict[str, Rank] = {
    "unknown": Rank.UNKNOWN,
    "sent": Rank.SENT,
    "failed": Rank.FAILED,
    "delivered": Rank.DELIVERED,
    "read": Rank.READ,
    "played": Rank.PLAYED,
}


def settle(
    world: World,
    plan: Plan,
    decision: Decision,
    placed: Placed,
    rank: Rank,
    problem: dict[str, Any] | None = None,
) -> str:
    """News of a message we sent: by our own command id, else by the provider's id."""
    reference = world.references[placed.reference] if placed.reference else None
    delivery = _delivery(world, placed, reference, placed.command)
    at = placed.event.time
    if delivery is None:
        return _hold(world, reference, rank, at, problem)
    if reference is not None and reference.message_id not in (None, delivery.message_id):
        # The echo was taken for a message of its own, or a stranger's id is named.
        reference = take_over(world, plan, decision, placed, reference, delivery)
    attempt = placed.command.attempt if placed.command else delivery.attempt
    was = (delivery.stage, delivery.rank)
    changed = False
    if reference is not None and reference.message_id is None:
        reference.attempt, reference.part = attempt, delivery.part
        changed = _apply_held(world, plan, placed, reference, delivery)
    elif reference is not None and not placed.command:
        attempt = reference.attempt
    changed |= delivery.advance(attempt, rank, at, problem)
    if not changed:
        return "delivery_repeated"
    _note(world, plan, decision, delivery, was)
    return f"delivery_{rank.word}"


def settle_by_id(
    world: World, plan: Plan, decision: Decision, placed: Placed, reference: Reference, rank: Rank
) -> None:
    """A status that a watermark gives by the provider's id."""
    delivery = _delivery(world, placed, reference, None)
    if delivery is None:
        _hold(world, reference, rank, placed.event.time, None)
        return
    was = (delivery.stage, delivery.rank)
    if delivery.advance(reference.attempt, rank, placed.event.time):
        _note(world, plan, decision, delivery, was)


def _hold(
    world: World,
    reference: Reference | None,
    rank: Rank,
    at: datetime,
    problem: dict[str, Any] | None,
) -> str:
    """Nobody knows the send yet; an echo stored as a message may still turn out to be it."""
    if reference is None:
        return "delivery_of_no_message"
    if reference.message_id is not None and not is_echo(world, reference.message_id):
        return "delivery_of_no_message"
    reference.hold_status(rank, at, problem)
    return "delivery_held"


def _apply_held(
    world: World, plan: Plan, placed: Placed, reference: Reference, delivery: Delivery
) -> bool:
    """What waited for the send: its status, and what people did to the message."""
    message = world.messages[delivery.message_id]
    before, deleted, reactions = message.parts, message.deleted_at, dict(message.reactions)
    changed = reference.settle(message, delivery)
    if message.parts is not before:
        follow(plan, placed.channel, message, before)
        refresh_row(world, plan, message)
    if message.deleted_at != deleted:
        plan.touch_message(message, "message.deleted")
    elif message.parts is not before or message.reactions != reactions:
        plan.touch_message(message, "message.edited")
    return changed


def _note(
    world: World,
    plan: Plan,
    decision: Decision,
    delivery: Delivery,
    was: tuple[Stage, Rank],
) -> None:
    """The part moved: it is written, shown, counted, and may have freed its conversation."""
    plan.touch_delivery(delivery)
    plan.touch_message(world.messages[delivery.message_id], "message.delivery_changed")
    stage, rank = was
    if stage == Stage.OUTSTANDING and delivery.stage == Stage.SETTLED:
        decision.freed.add(delivery.conversation_id)
    if delivery.rank == Rank.FAILED != rank:
        key = (delivery.workspace_id, delivery.channel_id)
        decision.failures[key, str((delivery.problem or {}).get("kind", "unknown"))] += 1


def _delivery(
    world: World, placed: Placed, reference: Reference | None, command: CommandId | None
) -> Delivery | None:
    """The part the news is about. A command id of another channel's message is a stranger's."""
    delivery = None
    if command:
        delivery = world.part(command.message, command.part)
    elif reference is not None and reference.message_id is not None:
        delivery = world.part(reference.message_id, reference.part)
    if delivery is not None and delivery.channel_id == placed.channel.id:
        return delivery
    return None
