"""Reply: a person's message goes to the customer.

The message, its parts' places in the queue and, when the conversation is free, the first command
are written in one transaction; a repeated request with the same client id finds the first message.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from inbox_core.app.compose import compose
from inbox_core.app.dispatch import dispatch
from inbox_core.app.drafts import AnyDraft, FileDraft
from inbox_core.app.pieces import Piece, degraded
from inbox_core.app.plan import Plan, new_id
from inbox_core.app.ports import Key, Store, UnitOfWork
from inbox_core.app.sendable import check_sendable, check_window
from inbox_core.app.threads import check_only_live, commit, lock_thread, view_of
from inbox_core.app.views import MessageView
from inbox_core.app.world import World
from inbox_core.domain.actors import Actor
from inbox_core.domain.conversation import Conversation
from inbox_core.domain.delivery import Delivery
from inbox_core.domain.errors import NotSendable
from inbox_core.domain.files import File
from inbox_core.domain.message import Message
from inbox_core.domain.status import LIVE, Status

NO_QUOTES = "This channel cannot answer a message in context."


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person sends. `reply_to`: a message of the same conversation that it quotes."""

    drafts: Sequence[AnyDraft]
    client_msg_id: str
    reply_to: UUID | None = None


async def reply(
    store: Store, key: Key, answer: Answer, actor: Actor, now: datetime
) -> tuple[MessageView, bool]:
    """The message, and whether this call made it.

    Raises NotFound, NotSendable, WindowClosed, LiveConversation. A reply on a closed conversation
    reopens it; on an archived one it is refused.
    """
    async with store.begin(key[0]) as uow:
        world, conversation = await lock_thread(uow, key)
        before = await uow.message_by_client_msg_id(key, answer.client_msg_id)
        if before is not None:
            world.deliveries = dict(await uow.deliveries([(key[0], before.id)]))
            return view_of(world, before), False
        check_sendable(world, conversation)
        if conversation.status not in LIVE:
            await check_only_live(uow, conversation)
        can = world.channels[conversation.channel_id].can
        files = await _files(uow, key[0], answer.drafts, now)
        pieces = compose(answer.drafts, can, files)
        check_window(world, conversation, pieces, now)
        quoted = await _quoted(uow, key, answer.reply_to)
        if quoted is not None and not can.replies:
            pieces[0] = degraded(pieces[0], "reply", NO_QUOTES)
            quoted = None
        plan = Plan(now, actor)
        plan.new_files.update(_kept(files))
        message = _message(plan, conversation, pieces, answer.client_msg_id, quoted)
        _append(plan, world, conversation, message)
        if not await _busy(uow, key):
            await dispatch(uow, plan, world, world.deliveries[message.id][:1])
        await commit(uow, plan, world)
        return view_of(world, message), True


async def _files(
    uow: UnitOfWork, workspace_id: UUID, drafts: Sequence[AnyDraft], now: datetime
) -> Mapping[UUID, File]:
    """The files the drafts name. Raises NotSendable for one that is not here, or no longer."""
    named = {
        draft.file_id: index
        for index, draft in enumerate(drafts)
        if isinstance(draft, FileDraft) and draft.file_id is not None
    }
    found = await uow.files([(workspace_id, file_id) for file_id in named])
    for file_id, index in named.items():
        if file_id not in found or found[file_id].is_gone(now):
            raise NotSendable("There is no such file.", f"/parts/{index}/file_id")
    return found


def _kept(files: Mapping[UUID, File]) -> dict[UUID, File]:
    """Uploads that are sent for the first time: from now on they stay."""
    return {
        file_id: replace(file, purge_at=None)
        for file_id, file in files.items()
        if file.purge_at is not None
    }


async def _quoted(uow: UnitOfWork, key: Key, message_id: UUID | None) -> str | None:
    """What the platform calls the message that is answered. Raises NotSendable."""
    if message_id is None:
        return None
    wanted = (key[0], message_id)
    message = (await uow.lock_messages([wanted])).get(message_id)
    if message is None or message.conversation_id != key[1]:
        raise NotSendable("There is no such message in this conversation.", "/reply_to")
    name = (await uow.external_ids([wanted])).get(message_id)
    if name is None:
        raise NotSendable("The platform does not have the message that is quoted.", "/reply_to")
    return name


def _message(
    plan: Plan,
    conversation: Conversation,
    pieces: list[Piece],
    client_msg_id: str,
    quoted: str | None,
) -> Message:
    return Message(
        workspace_id=conversation.workspace_id,
        id=new_id(),
        conversation_id=conversation.id,
        channel_id=conversation.channel_id,
        direction="outbound",
        kind="message",
        author_type="user",
        author_id=plan.actor.author_id,
        author_name=plan.actor.name,
        parts=pieces,
        client_msg_id=client_msg_id,
        reply_to=quoted,
        sent_at=plan.now,
        created_at=plan.now,
    )


def _append(plan: Plan, world: World, conversation: Conversation, message: Message) -> None:
    """Into the thread and the queue; a reply takes the conversation over from the AI."""
    if conversation.status not in LIVE:
        plan.move(conversation, Status.OPEN, plan.actor, "reply")
    if conversation.handler != "human":
        conversation.handler = "human"
        conversation.handler_epoch += 1
    conversation.take(message)
    plan.touch_conversation(conversation)
    plan.new_messages[message.id] = world.messages[message.id] = message
    world.deliveries[message.id] = [
        Delivery(
            workspace_id=conversation.workspace_id,
            message_id=message.id,
            part=number,
            conversation_id=conversation.id,
            channel_id=conversation.channel_id,
            seq=message.seq,
            queued_at=plan.now,
            changed_at=plan.now,
        )
        for number in range(len(message.parts))
    ]
    for part in world.deliveries[message.id]:
        plan.new_deliveries[message.id, part.part] = part


async def _busy(uow: UnitOfWork, key: Key) -> bool:
    """Whether anything of the conversation is outstanding or waits before this message."""
    if await uow.outstanding([key]):
        return True
    return bool(await uow.waiting_heads([key]))
