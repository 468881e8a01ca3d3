"""Echoes: the platform tells of a message that went out; it may be one of ours.

An echo that names no send of ours waits while one of its conversation is outstanding, for the
result may bring its id; with the result it is dropped. It becomes a message of its own when every
send has settled under another id, or after HELD_FOR (app.sweep). Should the result come later
still, the two become one again. Called by app.arrivals and app.settle.
"""

from datetime import datetime, timedelta
from uuid import UUID

from contracts.events import MessageEvent
from inbox_core.app.decision import Decision
from inbox_core.app.media import follow
from inbox_core.app.placing import Placed
from inbox_core.app.plan import Plan
from inbox_core.app.world import World, is_strange_echo
from inbox_core.domain.delivery import Delivery
from inbox_core.domain.identity import match
from inbox_core.domain.media import bare
from inbox_core.domain.message import Message
from inbox_core.domain.references import Reference

HELD_FOR = timedelta(seconds=60)


def waits(
    world: World, plan: Plan, placed: Placed, reference: Reference, event: MessageEvent
) -> bool:
    """Whether this echo is held, for now."""
    if placed.ripe or not is_strange_echo(placed):
        return False
    identity = match(placed.thread, world.aliases).identity_id
    if identity is None or identity not in world.busy:
        return False
    reference.hold_echo(event.model_dump(mode="json"), identity, plan.now + HELD_FOR)
    return True


def is_echo(world: World, message_id: UUID) -> bool:
    """Whether a message went out by another hand: no part of it is in our queue."""
    message = world.messages.get(message_id)
    return (
        message is not None
        and message.direction == "outbound"
        and not world.deliveries.get(message_id)
    )


def take_over(
    world: World,
    plan: Plan,
    decision: Decision,
    placed: Placed,
    reference: Reference,
    delivery: Delivery,
) -> Reference | None:
    """Our send takes its provider id from the echo that was stored as a message of its own.

    None when what holds the id is no echo: then it stays with its first owner.
    """
    if reference.message_id is None or not is_echo(world, reference.message_id):
        return None
    echo, ours = world.messages[reference.message_id], world.messages[delivery.message_id]
    _inherit(plan, placed, echo, ours)
    hide(world, plan, decision, placed, echo)
    reference.message_id = None
    return reference


def _inherit(plan: Plan, placed: Placed, echo: Message, ours: Message) -> None:
    """What people did to the echo, they did to our message."""
    before = ours.parts
    changed = False
    for by, reaction in echo.reactions.items():
        if reaction["at"]:
            moment = datetime.fromisoformat(reaction["at"])
            changed |= ours.react(by, reaction["emoji"], moment)
    if echo.edited_at is not None:
        changed |= ours.edit(echo.edited_at, bare(echo.parts))
    if changed:
        plan.touch_message(ours, "message.edited")
    if echo.deleted_at is not None and ours.delete(echo.deleted_at):
        plan.touch_message(ours, "message.deleted")
    if ours.parts is not before:
        follow(plan, placed.channel, ours, before)


def hide(world: World, plan: Plan, decision: Decision, placed: Placed, message: Message) -> None:
    """Take a message out of its thread: its place in the numbering stays, screens drop it."""
    if message.hidden:
        return
    before = message.parts
    conversation = world.conversations[message.conversation_id]
    conversation.forget(message)
    message.hide(plan.now)
    follow(plan, placed.channel, message, before)
    plan.touch_message(message, "message.deleted")
    plan.touch_conversation(conversation)
    decision.faded.add(conversation.id)
