"""Refresh: a channel that shows our threads is told when one looks different to its person.

Planned with the change it tells of, in one transaction: a conversation that began or changed its
status, and those a use case names (`Plan.refreshed`: read, rated, blocked). What it looks like now
the channel asks for itself (app.history). Called by threads.commit for every use case.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from inbox_core.app.acting import Act, plan_act
from inbox_core.app.plan import Plan
from inbox_core.app.ports import UnitOfWork
from inbox_core.app.world import World
from inbox_core.domain.conversation import Conversation

REFRESH = Act("refresh")


async def plan_refreshes(uow: UnitOfWork, plan: Plan, world: World) -> None:
    """Once a conversation, however much of it changed. They must be in `world`."""
    changed = {change.conversation_id for change in plan.status_changes}
    wanted = changed | plan.new_conversations.keys() | plan.refreshed
    shown = [row for id_ in sorted(wanted) if _is_shown(world, row := world.conversations[id_])]
    if not shown:
        return
    addresses = await _addresses(uow, plan, shown)
    for conversation in shown:
        if to := addresses.get(conversation.identity_id):
            plan_act(plan, world.channels[conversation.channel_id], conversation, to, REFRESH)


def _is_shown(world: World, conversation: Conversation) -> bool:
    channel = world.channels[conversation.channel_id]
    return channel.can.threads and channel.enabled


async def _addresses(
    uow: UnitOfWork, plan: Plan, conversations: Sequence[Conversation]
) -> Mapping[UUID, Sequence[tuple[str, str]]]:
    """Names that came with this very transaction stand in the plan alone."""
    people = {(row.workspace_id, row.identity_id) for row in conversations}
    known = {who: list(names) for who, names in (await uow.addresses(people)).items()}
    for alias, identity in plan.aliases.items():
        names = known.setdefault(identity, [])
        if (alias.kind, alias.value) not in names:
            names.append((alias.kind, alias.value))
    return known
