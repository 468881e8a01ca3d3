"""One conversation under its locks: the ground of every use case a person starts.

Called by app.reply, app.read, app.transition and app.sweep.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from inbox_core.app.changes import announce
from inbox_core.app.plan import Plan
from inbox_core.app.ports import Key, UnitOfWork
from inbox_core.app.refreshing import plan_refreshes
from inbox_core.app.views import ConversationView, MessageView, conversation_view, message_view
from inbox_core.app.world import World, load_owners
from inbox_core.domain.conversation import Conversation
from inbox_core.domain.errors import LiveConversation, NotFound
from inbox_core.domain.message import Message


async def lock_threads(uow: UnitOfWork, conversations: Collection[Key]) -> World:
    """The conversations there are, locked, with their contacts and channels."""
    world = World([], {})
    world.conversations = dict(await uow.lock_conversations(conversations))
    await load_owners(uow, world)
    return world


async def lock_thread(uow: UnitOfWork, key: Key) -> tuple[World, Conversation]:
    """One conversation; NotFound when this workspace has none of that id."""
    world = await lock_threads(uow, [key])
    conversation = world.conversations.get(key[1])
    if conversation is None:
        raise NotFound("There is no such conversation.")
    return world, conversation


async def lock_message(uow: UnitOfWork, world: World, key: Key, message_id: UUID) -> Message:
    """A message of the locked conversation `key`; NotFound when it has none of that id."""
    wanted = (key[0], message_id)
    world.messages = dict(await uow.lock_messages([wanted]))
    message = world.messages.get(message_id)
    if message is None or message.conversation_id != key[1]:
        raise NotFound("There is no such message in this conversation.")
    world.deliveries = dict(await uow.deliveries([wanted]))
    return message


async def check_only_live(uow: UnitOfWork, conversation: Conversation) -> None:
    """Before it becomes live again. Raises LiveConversation when the contact has a newer one."""
    key = (conversation.workspace_id, conversation.identity_id)
    latest = await uow.latest_conversations([key])
    if latest[conversation.identity_id] != conversation.id:
        raise LiveConversation("The contact has a newer conversation; answer there.")


async def commit(uow: UnitOfWork, plan: Plan, world: World) -> None:
    """Announce and write what the plan holds."""
    announce(plan, world)
    await plan_refreshes(uow, plan, world)
    await uow.write(plan)


def row_of(world: World, conversation: Conversation, now: datetime) -> ConversationView:
    """The conversation as screens see it."""
    return conversation_view(
        conversation,
        world.contacts[conversation.contact_id],
        world.channels[conversation.channel_id],
        world.identities[conversation.identity_id],
        now,
    )


def view_of(world: World, message: Message) -> MessageView:
    """The message as screens see it."""
    return message_view(message, world.deliveries.get(message.id, ()))
