"""News of accounts and threads that are no message: kept, and what they mean for us applied.

Called by app.decide.
"""

from contracts.events import AccountEvent, ThreadControlEvent
from contracts.records import OWN_APP
from inbox_core.app.decision import Decision
from inbox_core.app.placing import Placed
from inbox_core.app.plan import ChannelEvent, Plan
from inbox_core.app.world import World


def take_account_news(plan: Plan, decision: Decision, placed: Placed, event: AccountEvent) -> str:
    """Quality, a restriction, a template's fate. What says something of health changes it."""
    _keep(plan, placed, event)
    if event.data.health is not None:
        key = (placed.channel.workspace_id, placed.channel.id)
        decision.health.append((key, event.data.health))
    return "channel_event"


def take_thread_control(world: World, plan: Plan, placed: Placed, event: ThreadControlEvent) -> str:
    """Another app took the thread, or gave it back.

    It is noted on the latest conversation of the person; of somebody we have none with it is kept
    as news only, and the conversation that begins later belongs to nobody in particular.
    """
    _keep(plan, placed, event)
    identity = world.known(placed)
    latest = world.latest.get(identity.id) if identity else None
    if latest is None or event.data.action == "requested":
        return "channel_event"
    conversation = world.conversations[latest]
    owner, was = event.data.owner, conversation.thread_owner_at
    if owner == placed.channel.config.get(OWN_APP):
        owner = None
    if conversation.own(owner, event.time) or conversation.thread_owner_at != was:
        plan.touch_conversation(conversation)
    return "thread_control"


def _keep(plan: Plan, placed: Placed, event: AccountEvent | ThreadControlEvent) -> None:
    plan.channel_events.append(
        ChannelEvent(
            placed.channel.workspace_id,
            event.id,
            placed.channel.id,
            event.type,
            event.data.model_dump(mode="json"),
            event.time,
        )
    )
