"""Arrivals: a new message finds its contact and its conversation, or makes them.

Called by app.decide under the alias' lock: a conversation is created only under its identity's
lock, so no second one can appear beside it.
"""

from contracts.events import ContactEvent, MessageEvent, UnsupportedEvent
from contracts.parts import Contact as WireContact
from inbox_core.app.plan import ChannelEvent, Plan, UnsupportedItem, new_id
from inbox_core.app.world import Placed, World
from inbox_core.domain import status
from inbox_core.domain.actors import Actor
from inbox_core.domain.conversation import Conversation
from inbox_core.domain.identity import Contact, Identity, match
from inbox_core.domain.message import Message
from inbox_core.domain.references import Reference
from inbox_core.domain.status import Status


def arrive(world: World, plan: Plan, placed: Placed, event: MessageEvent) -> str:
    """A message, or an echo of one sent elsewhere."""
    reference = _reference(world, placed)
    if reference.message_id is not None:
        return "message_repeated"
    data = event.data
    identity = _identify(world, plan, placed, data.contact, group=data.group_id is not None)
    inbound = data.direction == "inbound"
    message = Message(
        workspace_id=identity.workspace_id,
        id=new_id(),
        conversation_id=identity.id,  # the conversation's own id follows in _append
        channel_id=placed.channel.id,
        direction=data.direction,
        kind="message",
        author_type="contact" if inbound else "user",
        author_id=str(identity.contact_id) if inbound else None,
        author_name=data.contact.name if data.group_id and inbound else None,
        parts=[part.model_dump(exclude_none=True) for part in data.parts],
        reply_to=data.reply_to,
        forwarded=data.forwarded,
        referral=data.referral,
        sent_at=min(event.time, plan.now),
        created_at=plan.now,
    )
    _append(world, plan, identity, message, reference)
    return "message_stored" if inbound else "echo_stored"


def unsupported(world: World, plan: Plan, placed: Placed, event: UnsupportedEvent) -> str:
    """Shown in its conversation as unsupported; without one, kept with the channel."""
    reference = _reference(world, placed)
    if reference.message_id is not None:
        return "message_repeated"
    data = event.data
    message_id = None
    if data.contact is not None:
        group = data.group_id is not None
        identity = _identify(world, plan, placed, data.contact, group=group)
        message = Message(
            workspace_id=identity.workspace_id,
            id=new_id(),
            conversation_id=identity.id,
            channel_id=placed.channel.id,
            direction="inbound",
            kind="unsupported",
            author_type="contact",
            author_id=str(identity.contact_id),
            author_name=data.contact.name if group else None,
            parts=[{"kind": "unsupported", "data": {"kind": data.kind, "why": data.why}}],
            sent_at=min(event.time, plan.now),
            created_at=plan.now,
        )
        message_id = message.id
        _append(world, plan, identity, message, reference)
    plan.unsupported.append(
        UnsupportedItem(
            workspace_id=placed.channel.workspace_id,
            event_id=event.id,
            channel_id=placed.channel.id,
            message_id=message_id,
            kind=data.kind,
            why=data.why,
            raw=data.raw,
            normalizer=event.normalizer,
        )
    )
    return "unsupported_stored"


def learn_contact(world: World, plan: Plan, placed: Placed, event: ContactEvent) -> str:
    """A profile, or new aliases for a person known by the previous ones."""
    _identify(world, plan, placed, event.data.contact, group=False)
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
    return "contact_learned"


def _reference(world: World, placed: Placed) -> Reference:
    if placed.reference is None:
        msg = f"{placed.event.type} was placed without a reference"
        raise AssertionError(msg)
    return world.references[placed.reference]


def _identify(
    world: World, plan: Plan, placed: Placed, wire: WireContact, *, group: bool
) -> Identity:
    """The identity the aliases name, made when nobody knows them. Never merges two."""
    found = match(placed.thread, world.aliases)
    plan.conflicts += bool(found.conflicts)
    phone = next((alias.value for alias in wire.aliases if alias.kind == "phone"), None)
    if found.identity_id is None:
        contact = Contact(new_id(), placed.channel.workspace_id)
        identity = Identity(new_id(), contact.workspace_id, placed.channel.id, contact.id)
        world.contacts[contact.id] = plan.new_contacts[contact.id] = contact
        world.identities[identity.id] = identity
        plan.new_identities.append(identity)
    else:
        identity = world.identities[found.identity_id]
        contact = world.contacts[identity.contact_id]
    for key in found.unassigned:
        world.aliases[key] = plan.aliases[key] = identity.id
    if not group and contact.learn(wire.name, wire.username, phone):
        plan.touch_contact(contact)
    return identity


def _append(
    world: World, plan: Plan, identity: Identity, message: Message, reference: Reference
) -> None:
    """Into the contact's conversation: the live one, a reopened one, or a new one."""
    latest = world.latest.get(identity.id)
    conversation = world.conversations[latest] if latest else None
    inbound = message.direction == "inbound"
    where = (
        status.place(conversation.status, conversation.closed_at, plan.now)
        if conversation
        else "new"
    )
    if conversation is None or where == "new":
        conversation = _open(world, plan, identity, message)
    elif where == "reopen" and inbound:
        who = Actor("contact", str(identity.contact_id))
        plan.move(conversation, Status.OPEN, who, "customer_message")
    message.conversation_id = conversation.id
    reference.settle(message, None)
    conversation.take(message)
    plan.touch_conversation(conversation)
    plan.new_messages[message.id] = world.messages[message.id] = message


def _open(world: World, plan: Plan, identity: Identity, message: Message) -> Conversation:
    conversation = Conversation(
        id=new_id(),
        workspace_id=identity.workspace_id,
        channel_id=identity.channel_id,
        identity_id=identity.id,
        contact_id=identity.contact_id,
        last_message_at=message.sent_at,
        created_at=plan.now,
    )
    world.conversations[conversation.id] = conversation
    plan.new_conversations[conversation.id] = conversation
    world.latest[identity.id] = conversation.id
    return conversation
