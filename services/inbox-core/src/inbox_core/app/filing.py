"""Filing: which conversation a new message stands in, and what it does to it.

A message of a person goes to the live conversation, reopens one that was closed lately, or begins
a new one. What wakes nobody (history, a notice, somebody blocked) goes wherever the person's
conversation is. Called by app.arrivals and app.people under the identity's lock, so no second
conversation can appear.
"""

from datetime import timedelta

from inbox_core.app.plan import Plan, new_id
from inbox_core.app.world import World
from inbox_core.domain import status
from inbox_core.domain.actors import WORKER, Actor
from inbox_core.domain.conversation import Conversation
from inbox_core.domain.identity import Identity
from inbox_core.domain.message import Message
from inbox_core.domain.references import Reference
from inbox_core.domain.status import Status

BY_HISTORY = "system:history"
"""Who closed a conversation that came with the channel's history."""
BY_BLOCKING = "system:blocked"
"""Who closed a conversation that somebody began who was blocked: it is kept, and waits for nobody.
"""
RECENT = timedelta(hours=24)
"""A person whose last message in the history is younger still waits for an answer."""


def append(
    world: World,
    plan: Plan,
    identity: Identity,
    message: Message,
    reference: Reference,
    *,
    history: bool = False,
) -> None:
    """Into the contact's conversation, with what waited for the message."""
    latest = world.latest.get(identity.id)
    conversation = world.conversations[latest] if latest else None
    if message.blocked:
        conversation = conversation or _begin_closed(world, plan, identity, message)
    elif history:
        conversation = _with_history(world, plan, identity, message, conversation)
    elif message.quiet:
        conversation = conversation or _begin(world, plan, identity, message)
    else:
        conversation = _for_now(world, plan, identity, message, conversation)
    message.conversation_id = conversation.id
    reference.settle(message, None)
    conversation.take(message)
    plan.touch_conversation(conversation)
    plan.new_messages[message.id] = world.messages[message.id] = message


def _for_now(
    world: World, plan: Plan, identity: Identity, message: Message, latest: Conversation | None
) -> Conversation:
    """The live one, a reopened one, or a new one."""
    where = status.place(latest.status, latest.closed_at, plan.now) if latest else "new"
    if latest is None or where == "new":
        return _begin(world, plan, identity, message)
    if where == "reopen" and message.direction == "inbound":
        who = Actor("contact", str(identity.contact_id))
        plan.move(latest, Status.OPEN, who, "customer_message")
    return latest


def _with_history(
    world: World, plan: Plan, identity: Identity, message: Message, latest: Conversation | None
) -> Conversation:
    """History opens nothing but what is still waiting, whatever order its pieces come in."""
    conversation = latest
    if conversation is None:
        conversation = _begin(world, plan, identity, message)
        conversation.status, conversation.closed_by = Status.CLOSED, BY_HISTORY
        conversation.closed_at = message.sent_at
    if conversation.closed_by == BY_HISTORY and conversation.status == Status.CLOSED:
        waiting = message.direction == "inbound" and plan.now - message.sent_at < RECENT
        if waiting and message.kind != "event":
            plan.move(conversation, Status.OPEN, WORKER, "history")
        elif conversation.closed_at is None or conversation.closed_at < message.sent_at:
            conversation.closed_at = message.sent_at
    return conversation


def _begin_closed(world: World, plan: Plan, identity: Identity, message: Message) -> Conversation:
    """Of somebody blocked: what they wrote can be found, and stands in no list of open ones."""
    conversation = _begin(world, plan, identity, message)
    conversation.status, conversation.closed_by = Status.CLOSED, BY_BLOCKING
    conversation.closed_at = plan.now
    return conversation


def _begin(world: World, plan: Plan, identity: Identity, message: Message) -> Conversation:
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
