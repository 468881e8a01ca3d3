"""Reply and retry: a person's message goes to the customer.

The message, its place in the queue and, when the conversation is free, its command are written in
one transaction; a repeated request with the same client id finds the first message.
"""

from datetime import datetime
from uuid import UUID

from inbox_core.app.dispatch import dispatch
from inbox_core.app.plan import Plan, new_id
from inbox_core.app.ports import Key, Store, UnitOfWork
from inbox_core.app.threads import check_only_live, commit, lock_thread, view_of
from inbox_core.app.views import MessageView
from inbox_core.app.world import World
from inbox_core.domain.actors import Actor
from inbox_core.domain.conversation import Conversation
from inbox_core.domain.delivery import Delivery, Rank
from inbox_core.domain.errors import NotFound, NotRetryable, NotSendable
from inbox_core.domain.message import Message
from inbox_core.domain.status import LIVE, Status

MAX_TEXT = 4096
"""Characters: WhatsApp's limit. Longer texts are refused until splitting by capability comes."""


async def reply(
    store: Store,
    key: Key,
    text: str,
    client_msg_id: str,
    actor: Actor,
    now: datetime,
) -> tuple[MessageView, bool]:
    """The message, and whether this call made it.

    Raises NotFound, NotSendable, LiveConversation. A reply on a closed conversation reopens it;
    on an archived one it is refused.
    """
    if not text.strip():
        raise NotSendable("The message is empty.")
    if len(text) > MAX_TEXT:
        raise NotSendable(f"The message has {len(text)} characters; {MAX_TEXT} are allowed.")
    async with store.begin(key[0]) as uow:
        world, conversation = await lock_thread(uow, key)
        before = await uow.message_by_client_msg_id(key, client_msg_id)
        if before is not None:
            world.deliveries = dict(await uow.deliveries([(key[0], before.id)]))
            return view_of(world, before), False
        _check_sendable(world, conversation)
        if conversation.status not in LIVE:
            await check_only_live(uow, conversation)
        plan = Plan(now, actor)
        message = _write(plan, world, conversation, text, client_msg_id)
        if not await _busy(uow, key):
            await dispatch(uow, plan, world, world.deliveries[message.id])
        await commit(uow, plan, world)
        return view_of(world, message), True


async def retry(
    store: Store,
    key: Key,
    message_id: UUID,
    actor: Actor,
    now: datetime,
) -> MessageView:
    """A new attempt of the failed or unknown parts. Raises NotFound, NotRetryable."""
    async with store.begin(key[0]) as uow:
        world, conversation = await lock_thread(uow, key)
        world.messages = dict(await uow.lock_messages([(key[0], message_id)]))
        message = world.messages.get(message_id)
        if message is None or message.conversation_id != key[1]:
            raise NotFound("There is no such message in this conversation.")
        _check_sendable(world, conversation)
        world.deliveries = dict(await uow.deliveries([(key[0], message_id)]))
        parts = world.deliveries.get(message_id, [])
        again = [part for part in parts if part.rank in (Rank.FAILED, Rank.UNKNOWN)]
        if not again:
            raise NotRetryable("Only a message that failed or is uncertain can be sent again.")
        plan = Plan(now, actor)
        for part in again:
            part.retry(now)
            plan.touch_delivery(part)
        plan.touch_message(message, "message.delivery_changed")
        if not await uow.outstanding([key]):
            await dispatch(uow, plan, world, again[:1])
        await commit(uow, plan, world)
        return view_of(world, message)


def _check_sendable(world: World, conversation: Conversation) -> None:
    if conversation.status == Status.ARCHIVED:
        raise NotSendable("The conversation is archived; move it out of the archive first.")
    if not world.channels[conversation.channel_id].enabled:
        raise NotSendable("The channel of this conversation is switched off.")


def _write(
    plan: Plan, world: World, conversation: Conversation, text: str, client_msg_id: str
) -> Message:
    """Append the message; a reply takes the conversation over from the AI."""
    message = Message(
        workspace_id=conversation.workspace_id,
        id=new_id(),
        conversation_id=conversation.id,
        channel_id=conversation.channel_id,
        direction="outbound",
        kind="message",
        author_type="user",
        author_id=plan.actor.author_id,
        author_name=plan.actor.name,
        parts=[{"kind": "text", "text": text}],
        client_msg_id=client_msg_id,
        sent_at=plan.now,
        created_at=plan.now,
    )
    if conversation.status not in LIVE:
        plan.move(conversation, Status.OPEN, plan.actor, "reply")
    if conversation.handler != "human":
        conversation.handler = "human"
        conversation.handler_epoch += 1
    conversation.take(message)
    plan.touch_conversation(conversation)
    plan.new_messages[message.id] = world.messages[message.id] = message
    part = Delivery(
        workspace_id=conversation.workspace_id,
        message_id=message.id,
        part=0,
        conversation_id=conversation.id,
        channel_id=conversation.channel_id,
        seq=message.seq,
        queued_at=plan.now,
        changed_at=plan.now,
    )
    plan.new_deliveries[message.id, 0] = part
    world.deliveries[message.id] = [part]
    return message


async def _busy(uow: UnitOfWork, key: Key) -> bool:
    """Whether anything of the conversation is outstanding or waits before this message."""
    if await uow.outstanding([key]):
        return True
    return bool(await uow.waiting_heads([key]))
