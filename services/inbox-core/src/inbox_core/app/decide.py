"""Decide: what a batch of events does to the world. Pure: no clock, no I/O, no order assumed.

Second of the three steps load, decide, write. One handler a kind of event; each answers the name
of its outcome, which the consumer counts.
"""

from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID

from contracts.changes import ChangeType
from contracts.events import (
    AccountEvent,
    ContactEvent,
    DeletionEvent,
    DeliveryEvent,
    EditEvent,
    Event,
    MessageEvent,
    ReactionEvent,
    SendResultEvent,
    ThreadControlEvent,
    UnsupportedEvent,
)
from inbox_core.app.arrivals import arrive, learn_contact, unsupported
from inbox_core.app.plan import ChannelEvent, Plan
from inbox_core.app.world import Placed, World
from inbox_core.domain.delivery import Delivery, Rank, Stage
from inbox_core.domain.message import Message
from inbox_core.domain.references import Reference

RANKS: dict[str, Rank] = {
    "unknown": Rank.UNKNOWN,
    "sent": Rank.SENT,
    "failed": Rank.FAILED,
    "delivered": Rank.DELIVERED,
    "read": Rank.READ,
    "played": Rank.PLAYED,
}


@dataclass(slots=True)
class Decision:
    """`freed`: conversations whose unsettled send was settled, so the next may go."""

    outcomes: dict[str, int] = field(default_factory=dict)
    freed: set[UUID] = field(default_factory=set)


def decide(world: World, plan: Plan) -> Decision:
    """Apply every event; the plan then holds what to write."""
    decision = Decision()
    outcomes: Counter[str] = Counter()
    for placed in world.placed:
        outcomes[_apply(world, plan, decision, placed)] += 1
    if plan.conflicts:
        outcomes["identity_conflict"] = plan.conflicts
    decision.outcomes = dict(outcomes)
    plan.references = list(world.references.values())
    return decision


def _apply(world: World, plan: Plan, decision: Decision, placed: Placed) -> str:
    match placed.event:
        case MessageEvent() as event:
            ours = placed.command and world.messages.get(placed.command.message)
            if ours and ours.channel_id == placed.channel.id:
                return _settle(world, plan, decision, placed, Rank.SENT)
            return arrive(world, plan, placed, event)
        case UnsupportedEvent() as event:
            return unsupported(world, plan, placed, event)
        case DeliveryEvent(data=status):
            problem = status.problem.model_dump() if status.problem else None
            return _settle(world, plan, decision, placed, RANKS[status.status], problem)
        case SendResultEvent(data=result):
            problem = result.problem.model_dump() if result.problem else None
            return _settle(world, plan, decision, placed, RANKS[result.outcome], problem)
        case EditEvent() | DeletionEvent() | ReactionEvent():
            return _amend(world, plan, placed)
        case ContactEvent() as event:
            return learn_contact(world, plan, placed, event)
        case ThreadControlEvent() | AccountEvent() as event:
            plan.channel_events.append(
                ChannelEvent(
                    placed.channel.workspace_id,
                    event.id,
                    placed.channel.id,
                    event.type,
                    event.data.model_dump(mode="json"),
                    event.time,
                )
            )
            return "channel_event"


def _settle(
    world: World,
    plan: Plan,
    decision: Decision,
    placed: Placed,
    rank: Rank,
    problem: dict[str, object] | None = None,
) -> str:
    """News of a message we sent: by our own command id, else by the provider's id."""
    reference = world.references[placed.reference] if placed.reference else None
    delivery = _delivery(world, placed, reference)
    at = placed.event.time
    if delivery is None:
        if reference is None or reference.message_id is not None:
            return "delivery_of_no_message"
        reference.hold_status(rank, at, problem)
        return "delivery_held"
    message = world.messages[delivery.message_id]
    attempt = placed.command.attempt if placed.command else delivery.attempt
    was = delivery.stage
    moved = False
    if reference is not None and reference.message_id is None:
        reference.attempt, reference.part = attempt, delivery.part
        moved = reference.settle(message, delivery)
    elif reference is not None and not placed.command:
        attempt = reference.attempt
    moved |= delivery.advance(attempt, rank, at, problem)
    if not moved:
        return "delivery_repeated"
    plan.touch_delivery(delivery)
    plan.touch_message(message, "message.delivery_changed")
    if was == Stage.OUTSTANDING and delivery.stage == Stage.SETTLED:
        decision.freed.add(delivery.conversation_id)
    return f"delivery_{rank.word}"


def _delivery(world: World, placed: Placed, reference: Reference | None) -> Delivery | None:
    """The part the news is about. A command id of another channel's message is a stranger's."""
    delivery = None
    if placed.command:
        delivery = world.part(placed.command.message, placed.command.part)
    elif reference is not None and reference.message_id is not None:
        delivery = world.part(reference.message_id, reference.part)
    if delivery is not None and delivery.channel_id == placed.channel.id:
        return delivery
    return None


def _amend(world: World, plan: Plan, placed: Placed) -> str:
    """Edit, deletion, reaction: to the message, or held until it comes."""
    if placed.reference is None:
        return "amendment_of_no_message"
    reference = world.references[placed.reference]
    message = world.messages.get(reference.message_id) if reference.message_id else None
    if message is None:
        _hold(reference, placed.event)
        return "amendment_held"
    change = _change(message, placed.event)
    if change is None:
        return "amendment_repeated"
    plan.touch_message(message, change)
    _refresh_row(world, plan, message)
    return "amended"


def _hold(reference: Reference, event: Event) -> None:
    match event:
        case EditEvent(data=edit):
            parts = [part.model_dump(exclude_none=True) for part in edit.parts]
            reference.hold_edit(event.time, parts)
        case DeletionEvent():
            reference.hold_deletion(event.time)
        case ReactionEvent(data=reaction):
            by = reaction.contact.aliases[0].value
            reference.hold_reaction(by, reaction.emoji, event.time)
        case _:
            pass


def _change(message: Message, event: Event) -> ChangeType | None:
    """Apply it; the name of the change, None when it is old news."""
    changed = False
    match event:
        case EditEvent(data=edit):
            parts = [part.model_dump(exclude_none=True) for part in edit.parts]
            changed = message.edit(event.time, parts)
        case DeletionEvent():
            return "message.deleted" if message.delete(event.time) else None
        case ReactionEvent(data=reaction):
            by = reaction.contact.aliases[0].value
            changed = message.react(by, reaction.emoji, event.time)
        case _:
            pass
    return "message.edited" if changed else None


def _refresh_row(world: World, plan: Plan, message: Message) -> None:
    """The list row shows the message's new words, if it showed this message."""
    conversation = world.conversations[message.conversation_id]
    before = conversation.last_preview
    conversation.refresh_preview(message)
    if conversation.last_preview != before:
        plan.touch_conversation(conversation)
