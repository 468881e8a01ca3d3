"""Read and unread: one mark a conversation, shared by the workspace, moved only when it changes."""

from datetime import datetime

from inbox_core.app.actions import tell_read
from inbox_core.app.plan import Plan
from inbox_core.app.ports import Key, Store
from inbox_core.app.threads import commit, lock_thread, row_of
from inbox_core.app.views import ConversationView
from inbox_core.domain.actors import Actor


async def mark_read(
    store: Store, key: Key, up_to: int, actor: Actor, now: datetime, *, told: bool
) -> ConversationView:
    """Everything up to number `up_to` was seen. Monotone: an older mark changes nothing.

    `told`: the customer learns of it. Who may only look makes no promises in their name.
    """
    async with store.begin(key[0]) as uow:
        world, conversation = await lock_thread(uow, key)
        mark = min(up_to, conversation.last_seq)
        if mark > conversation.read_seq:
            plan = Plan(now, actor)
            before, conversation.read_seq = conversation.read_seq, mark
            conversation.unread_count = await uow.unread_after(key, mark)
            plan.touch_conversation(conversation)
            if told:
                await tell_read(uow, plan, world, conversation, before)
            await commit(uow, plan, world)
        return row_of(world, conversation, now)


async def mark_unread(store: Store, key: Key, actor: Actor, now: datetime) -> ConversationView:
    """The customer's last message becomes unread again; nothing to do when there is none."""
    async with store.begin(key[0]) as uow:
        world, conversation = await lock_thread(uow, key)
        mark = max(conversation.last_inbound_seq - 1, 0)
        if conversation.unread_count == 0 and conversation.last_inbound_seq > 0:
            plan = Plan(now, actor)
            conversation.read_seq = mark
            conversation.unread_count = await uow.unread_after(key, mark)
            plan.touch_conversation(conversation)
            await commit(uow, plan, world)
        return row_of(world, conversation, now)
