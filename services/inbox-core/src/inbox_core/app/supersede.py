"""Supersede: an item that was unsupported came back understood, by a higher normalizer.

Its raw item was kept; app.renormalize asked the adapter anew, and the answer is this event, of the
same id. It replaces the unsupported row, and only that, once. Called by app.decide.
"""

from collections.abc import Callable
from dataclasses import replace

from contracts.events import MessageEvent, UnsupportedEvent
from inbox_core.app.amend import refresh_row
from inbox_core.app.arrivals import hear, is_sign_of_life, wire_parts
from inbox_core.app.decision import Decision
from inbox_core.app.echoes import hide
from inbox_core.app.media import follow
from inbox_core.app.people import identify
from inbox_core.app.placing import Placed
from inbox_core.app.plan import Plan
from inbox_core.app.world import World
from inbox_core.domain.message import Message

Take = Callable[[World, Plan, Decision, Placed], str]
"""How an event is applied that supersedes nothing (app.decide)."""


def supersede(world: World, plan: Plan, decision: Decision, placed: Placed, take: Take) -> str:
    """The event takes the unsupported row's place; a repeat finds no row and changes nothing."""
    key = (placed.channel.workspace_id, placed.item or "")
    item = world.items.get(key)
    event = placed.event
    if item is None:
        # Done already: then it changes nothing, as any event that comes twice.
        repeated = isinstance(event, UnsupportedEvent)
        return "renormalized_repeated" if repeated else take(world, plan, decision, placed)
    if event.normalizer <= item.normalizer:
        return "renormalized_by_an_older"
    if isinstance(event, UnsupportedEvent):
        raised = replace(item, normalizer=event.normalizer, kind=event.data.kind)
        world.items[key] = raised
        plan.raised_items.append(raised)
        return "renormalized_in_vain"
    del world.items[key]
    plan.understood_items.append(item)
    shown = world.messages.get(item.message_id) if item.message_id else None
    if isinstance(event, MessageEvent) and shown is not None and not _is_ours(world, placed):
        _become(world, plan, decision, placed, event, shown)
        return "renormalized_message"
    take(world, plan, decision, placed)
    if shown is not None:
        hide(world, plan, decision, placed, shown)
    return "renormalized"


def _is_ours(world: World, placed: Placed) -> bool:
    return placed.command is not None and placed.command.message in world.messages


def _become(
    world: World,
    plan: Plan,
    decision: Decision,
    placed: Placed,
    event: MessageEvent,
    message: Message,
) -> None:
    """The same message, number and place in the thread; what people did to it meanwhile stays."""
    data = event.data
    conversation = world.conversations[message.conversation_id]
    before = message.parts
    message.kind = "event" if data.notice else "message"
    if (data.notice or data.history) and not message.quiet:
        conversation.forget(message)
        message.quiet = True
        plan.touch_conversation(conversation)
    if message.deleted_at is None:
        message.reply_to, message.forwarded = data.reply_to, data.forwarded
        message.referral = data.referral
        if message.edited_at is None:
            message.parts = wire_parts(data)
            follow(plan, placed.channel, message, before)
    reference = world.references[placed.reference] if placed.reference else None
    if reference is not None and reference.message_id is None:
        reference.settle(message, None)
    plan.touch_message(message, "message.edited")
    refresh_row(world, plan, message)
    if message.kind == "event":
        decision.faded.add(conversation.id)
    identity = identify(world, plan, placed, data.contact, group=data.group_id is not None)
    if is_sign_of_life(data) and not message.blocked:
        hear(plan, identity, message, data.referral)
