"""People: whom an event names, by whatever names it has, and what it says of them.

Called by app.arrivals and app.decide under the aliases' locks, so nobody is made twice. Two people
are never merged here: the first name that is known decides, a conflict is counted.
"""

from datetime import datetime

from contracts.events import ContactEvent
from contracts.parts import Contact as WireContact
from inbox_core.app.filing import append
from inbox_core.app.leads import email_of, phone_of
from inbox_core.app.placing import Placed
from inbox_core.app.plan import ChannelEvent, Plan, new_id
from inbox_core.app.world import World
from inbox_core.domain.identity import Contact, Identity, match
from inbox_core.domain.message import Message
from inbox_core.domain.status import LIVE

CHANGES: dict[str, tuple[str, str]] = {
    # the platform's reason: the notice's name, what the thread says
    "user_changed_number": ("number_changed", "Changed their phone number"),
    "customer_changed_number": ("number_changed", "Changed their phone number"),
    "user_changed_user_id": ("user_id_changed", "Has a new id on this channel"),
}
"""What a support team is told in the thread; other reasons only change the names."""


def identify(
    world: World, plan: Plan, placed: Placed, wire: WireContact, *, group: bool
) -> Identity:
    """The identity the aliases name, made when nobody knows them. Never merges two.

    Of somebody blocked the names they are found by are still learned, but nothing that is shown.
    """
    found = match(placed.thread, world.aliases)
    plan.conflicts += bool(found.conflicts)
    if found.identity_id is None:
        contact = Contact(new_id(), placed.channel.workspace_id)
        identity = Identity(new_id(), contact.workspace_id, placed.channel.id, contact.id)
        world.contacts[contact.id] = plan.new_contacts[contact.id] = contact
        world.identities[identity.id] = plan.new_identities[identity.id] = identity
    else:
        identity = world.identities[found.identity_id]
        contact = world.contacts[identity.contact_id]
    for key in found.unassigned:
        world.aliases[key] = plan.aliases[key] = identity.id
    changed = contact.drop_phone([key.value for key in placed.stale if key.kind == "phone"])
    if not group and not contact.blocked:
        changed |= _learn(contact, wire)
    if changed:
        plan.touch_contact(contact)
    return identity


def _learn(contact: Contact, wire: WireContact) -> bool:
    """Proofs first: what was only said fills what they leave empty. True when something changed."""
    phone = next((alias.value for alias in wire.aliases if alias.kind == "phone"), None)
    email = email_of(wire.email)
    changed = contact.vouch(wire.external_id)
    changed |= contact.prove(
        wire.name if wire.name_proven else None, email if wire.email_proven else None
    )
    changed |= contact.learn(wire.name, wire.username, phone)
    return contact.leave(email, phone_of(wire.phone)) or changed


def learn_contact(world: World, plan: Plan, placed: Placed, event: ContactEvent) -> str:
    """A profile, or new aliases for a person known by the previous ones.

    The number a person has left stays a name they are found by, and is no longer written to.
    """
    identity = identify(world, plan, placed, event.data.contact, group=False)
    channel = placed.channel
    data = event.data.model_dump(mode="json")
    plan.channel_events.append(
        ChannelEvent(channel.workspace_id, event.id, channel.id, event.type, data, event.time)
    )
    notice = CHANGES.get(event.data.reason or "")
    reference = world.references[placed.reference] if placed.reference else None
    if notice and reference is not None and reference.message_id is None:
        latest = world.latest.get(identity.id)
        if latest is not None and world.conversations[latest].status in LIVE:
            message = _notice(plan, identity, *notice, at=min(event.time, plan.now))
            append(world, plan, identity, message, reference)
    return "contact_learned"


def _notice(plan: Plan, identity: Identity, name: str, words: str, at: datetime) -> Message:
    return Message(
        workspace_id=identity.workspace_id,
        id=new_id(),
        conversation_id=identity.id,  # the conversation's own id follows in append
        channel_id=identity.channel_id,
        direction="inbound",
        kind="event",
        author_type="contact",
        author_id=str(identity.contact_id),
        parts=[{"kind": "notice", "text": words, "data": {"name": name}}],
        quiet=True,
        sent_at=at,
        created_at=plan.now,
    )
