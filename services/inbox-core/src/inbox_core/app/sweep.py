"""The sweep: what no event moves on. Called by the worker every second.

Sends that waited for room on their account go when there is some; a send whose result never came,
long after its command could still be carried out, becomes `unknown`, so that a person decides and
the conversation goes on.
"""

from datetime import datetime, timedelta

from inbox_core.app.dispatch import NOT_AFTER, dispatch_next
from inbox_core.app.plan import Plan
from inbox_core.app.ports import Store
from inbox_core.app.threads import commit, lock_threads
from inbox_core.domain.actors import WORKER
from inbox_core.domain.delivery import Rank, Stage

LIMIT = 200
"""Conversations a sweep looks at; the next one takes the rest."""

RESULT_WITHIN = NOT_AFTER + timedelta(minutes=10)
"""After a dispatch. The adapter answers `expired` at NOT_AFTER; silence beyond it is a loss."""
NO_RESULT = {
    "kind": "no_result",
    "message": "No result came for this message; it may have been sent. Decide whether to resend.",
}


async def sweep(store: Store, now: datetime) -> int:
    """Dispatch what stalled; the answer is how many parts went."""
    async with store.begin() as uow:
        stalled = await uow.stalled(LIMIT)
        if not stalled:
            return 0
        world = await lock_threads(uow, stalled)
        # Under the locks the truth may have moved on since `stalled` looked without them.
        rows = world.conversations.values()
        busy = set(await uow.outstanding([(row.workspace_id, row.id) for row in rows]))
        plan = Plan(now, WORKER)
        await dispatch_next(uow, plan, world, world.conversations.keys() - busy)
        await commit(uow, plan, world)
        return len(plan.deliveries)


async def give_up_overdue(store: Store, now: datetime) -> int:
    """Settle what has been outstanding for too long as unknown; how many parts."""
    async with store.begin() as uow:
        overdue = await uow.overdue(now - RESULT_WITHIN, LIMIT)
        if not overdue:
            return 0
        world = await lock_threads(uow, {conversation for conversation, _ in overdue})
        messages = {message for _, message in overdue}
        world.messages = dict(await uow.lock_messages(messages))
        world.deliveries = dict(await uow.deliveries(messages))
        plan = Plan(now, WORKER)
        for parts in list(world.deliveries.values()):
            for part in parts:
                late = part.dispatched_at is not None and part.dispatched_at < now - RESULT_WITHIN
                if part.stage == Stage.OUTSTANDING and late:
                    part.advance(part.attempt, Rank.UNKNOWN, now, NO_RESULT)
                    plan.touch_delivery(part)
                    plan.touch_message(world.messages[part.message_id], "message.delivery_changed")
        settled = len(plan.deliveries)
        await dispatch_next(uow, plan, world, {p.conversation_id for p in plan.deliveries.values()})
        await commit(uow, plan, world)
        return settled
