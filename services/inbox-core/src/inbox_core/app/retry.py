"""Retry: a person asks for another attempt at what failed, or whose fate nobody knows."""

from datetime import datetime
from uuid import UUID

from inbox_core.app.dispatch import dispatch
from inbox_core.app.plan import Plan
from inbox_core.app.ports import Key, Store
from inbox_core.app.sendable import check_sendable, check_window
from inbox_core.app.threads import commit, lock_message, lock_thread, view_of
from inbox_core.app.views import MessageView
from inbox_core.domain.actors import Actor
from inbox_core.domain.delivery import ASKS
from inbox_core.domain.errors import NotRetryable


async def retry(
    store: Store, key: Key, message_id: UUID, actor: Actor, now: datetime
) -> MessageView:
    """A new attempt of the failed or unknown parts.

    Raises NotFound, NotSendable, WindowClosed, NotRetryable.
    """
    async with store.begin(key[0]) as uow:
        world, conversation = await lock_thread(uow, key)
        message = await lock_message(uow, world, key, message_id)
        check_sendable(world, conversation)
        parts = world.deliveries.get(message_id, [])
        again = [part for part in parts if part.state in ASKS]
        if not again:
            raise NotRetryable("Only a message that failed or is uncertain can be sent again.")
        check_window(world, conversation, [message.parts[part.part] for part in again], now)
        plan = Plan(now, actor)
        for part in again:
            part.retry(now)
            plan.touch_delivery(part)
        plan.touch_message(message, "message.delivery_changed")
        if not await uow.outstanding([key]):
            await dispatch(uow, plan, world, again[:1])
        await commit(uow, plan, world)
        return view_of(world, message)
