"""Arrivals: a message, an echo, or an item nobody understands finds its person and its thread.

Called by app.decide under the aliases' locks.
"""

from typing import Any

from contracts.events import Message as WireMessage
from contracts.events import MessageEvent, UnsupportedEvent
from inbox_core.app.echoes import waits
from inbox_core.app.filing import append
from inbox_core.app.media import follow
from inbox_core.app.people import identify
from inbox_core.app.placing import Placed
from inbox_core.app.plan import Plan, UnsupportedItem, new_id
from inbox_core.app.profiles import ask_profile
from inbox_core.app.sources import keep_source
from inbox_core.app.world import World
from inbox_core.domain.identity import Identity, came_by_ad
from inbox_core.domain.message import Message, Parts
from inbox_core.domain.references import Reference


def arrive(world: World, plan: Plan, placed: Placed, event: MessageEvent) -> str:
    """A message, or an echo of one sent elsewhere."""
    reference = _reference(world, placed)
    if reference.message_id is not None:
        return "message_repeated"
    if waits(world, plan, placed, reference, event):
        return "echo_held"
    data = event.data
    identity = identify(world, plan, placed, data.contact, group=data.group_id is not None)
    message = _message(world, plan, placed, identity, event, wire_parts(data))
    message.kind = "event" if data.notice else "message"
    message.quiet |= data.notice or data.history
    message.reply_to, message.forwarded = data.reply_to, data.forwarded
    message.referral = data.referral
    append(world, plan, identity, message, reference, history=data.history)
    follow(plan, placed.channel, message, [])
    keep_source(plan, message, data.source)
    if data.direction == "outbound":
        return "echo_stored"
    if message.blocked:
        return "message_of_blocked"
    if is_sign_of_life(data):
        hear(plan, identity, message, data.referral)
    if data.group_id is None and not data.history:
        ask_profile(plan, placed.channel, identity, data.contact)
    return "message_stored"


def unsupported(world: World, plan: Plan, placed: Placed, event: UnsupportedEvent) -> str:
    """Shown in its conversation as unsupported; without one, kept with the channel."""
    reference = _reference(world, placed)
    data = event.data
    known = reference.message_id is not None
    message_id = None
    if data.contact is not None and not known:
        identity = identify(world, plan, placed, data.contact, group=data.group_id is not None)
        parts = [{"kind": "unsupported", "data": {"kind": data.kind, "why": data.why}}]
        message = _message(world, plan, placed, identity, event, parts)
        message.kind = "unsupported"
        message_id = message.id
        append(world, plan, identity, message, reference)
        if data.direction == "inbound" and not message.blocked:
            hear(plan, identity, message, None)
            if data.group_id is None:
                ask_profile(plan, placed.channel, identity, data.contact)
    item = UnsupportedItem(
        workspace_id=placed.channel.workspace_id,
        event_id=event.id,
        channel_id=placed.channel.id,
        message_id=message_id,
        kind=data.kind,
        why=data.why,
        raw=data.raw,
        normalizer=event.normalizer,
        received_at=plan.now,
        beside=data.beside,
    )
    # The table knows what it has: a repeat adds nothing.
    plan.unsupported.append(item)
    return "message_repeated" if known else "unsupported_stored"


def wire_parts(data: WireMessage) -> Parts:
    """The parts as they are kept."""
    return [part.model_dump(mode="json", exclude_none=True) for part in data.parts]


def is_sign_of_life(data: WireMessage) -> bool:
    """Whether the person did something just now that lets us answer: wrote, or called."""
    if data.direction == "outbound" or data.history:
        return False
    return not data.notice or any(part.kind == "call" for part in data.parts)


def hear(plan: Plan, identity: Identity, message: Message, referral: dict[str, Any] | None) -> None:
    """The reply window opens anew."""
    if identity.hear(message.sent_at, by_ad=came_by_ad(referral)):
        plan.touch_identity(identity)


def _message(
    world: World,
    plan: Plan,
    placed: Placed,
    identity: Identity,
    event: MessageEvent | UnsupportedEvent,
    parts: Parts,
) -> Message:
    """The message's place in the world. Of an echo, `author_id` is the app it was written in."""
    data = event.data
    inbound = data.direction == "inbound"
    blocked = inbound and world.contacts[identity.contact_id].blocked
    via = event.data.via if isinstance(event, MessageEvent) else None
    named = inbound and data.group_id is not None and data.contact is not None
    return Message(
        workspace_id=identity.workspace_id,
        id=new_id(),
        conversation_id=identity.id,  # the conversation's own id follows in append
        channel_id=placed.channel.id,
        direction=data.direction,
        kind="message",
        author_type="contact" if inbound else "user",
        author_id=str(identity.contact_id) if inbound else via,
        author_name=data.contact.name if named and data.contact else None,
        parts=parts,
        quiet=blocked,
        blocked=blocked,
        sent_at=min(event.time, plan.now),
        created_at=plan.now,
    )


def _reference(world: World, placed: Placed) -> Reference:
    if placed.reference is None:
        msg = f"{placed.event.type} was placed without a reference"
        raise AssertionError(msg)
    return world.references[placed.reference]
