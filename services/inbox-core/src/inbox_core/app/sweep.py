"""The sweep: sends that waited for room on their account go when there is some.

Called by the worker every second, and after each result that freed an account.
"""

from datetime import datetime

from inbox_core.app.dispatch import dispatch_next
from inbox_core.app.plan import Plan
from inbox_core.app.ports import Store
from inbox_core.app.threads import commit, lock_threads
from inbox_core.domain.actors import WORKER

LIMIT = 200
"""Conversations a sweep looks at; the next one takes the rest."""


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
