"""Status transitions a person asks for: open, pending, closed, archived."""

from datetime import datetime

from inbox_core.app.plan import AuditEntry, Plan
from inbox_core.app.ports import Key, Store
from inbox_core.app.threads import check_only_live, commit, lock_thread, row_of
from inbox_core.app.views import ConversationView
from inbox_core.domain import status
from inbox_core.domain.actors import Actor
from inbox_core.domain.errors import VersionMismatch
from inbox_core.domain.status import LIVE, Status


async def transition(
    store: Store,
    key: Key,
    wanted: Status,
    reason: str | None,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
) -> ConversationView:
    """The conversation in its new status; the same status again changes nothing.

    Raises NotFound, InvalidTransition, VersionMismatch when the conversation is no longer at
    `expected_version`, and LiveConversation when reopening would leave the
    contact with two live conversations on one channel.
    """
    async with store.begin(key[0]) as uow:
        world, conversation = await lock_thread(uow, key)
        if expected_version not in (None, conversation.version):
            raise VersionMismatch("The conversation has changed meanwhile.")
        if not status.check(conversation.status, wanted):
            return row_of(world, conversation, now)
        if wanted in LIVE and conversation.status not in LIVE:
            await check_only_live(uow, conversation)
        plan = Plan(now, actor)
        before = conversation.status
        plan.move(conversation, wanted, actor, reason)
        plan.audit.append(
            AuditEntry(
                key[0],
                actor,
                "conversation.status_changed",
                "conversation",
                str(key[1]),
                {"from": before.word, "to": wanted.word, "reason": reason},
            )
        )
        await commit(uow, plan, world)
        return row_of(world, conversation, now)
