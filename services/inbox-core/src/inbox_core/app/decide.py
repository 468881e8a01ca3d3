"""Decide: what a batch of events does to the world. Pure: no clock, no I/O, no order assumed.

Second of the three steps load, decide, write. One handler a kind of event; each answers the name
of its outcome, which the consumer counts.
"""

from contracts.events import (
    AccountEvent,
    ActionResultEvent,
    ContactEvent,
    DeletionEvent,
    DeliveryEvent,
    EditEvent,
    MediaResultEvent,
    MessageEvent,
    ProfileResultEvent,
    RatingEvent,
    ReactionEvent,
    SendResultEvent,
    ThreadControlEvent,
    UnsupportedEvent,
    WatermarkEvent,
)
from inbox_core.app.account_news import take_account_news, take_thread_control
from inbox_core.app.actions import action_failed
from inbox_core.app.amend import amend
from inbox_core.app.arrivals import arrive, unsupported
from inbox_core.app.decision import Decision
from inbox_core.app.media import take_media
from inbox_core.app.people import learn_contact
from inbox_core.app.placing import Placed
from inbox_core.app.plan import Plan
from inbox_core.app.profiles import take_profile
from inbox_core.app.ratings import take_rating
from inbox_core.app.settle import RANKS, settle
from inbox_core.app.supersede import supersede
from inbox_core.app.watermarks import take_watermark
from inbox_core.app.world import World
from inbox_core.domain.delivery import Rank


def decide(world: World, plan: Plan) -> Decision:
    """Apply every event; the plan then holds what to write."""
    decision = Decision()
    for placed in world.placed:
        decision.outcomes[_apply(world, plan, decision, placed)] += 1
    if plan.conflicts:
        decision.outcomes["identity_conflict"] = plan.conflicts
    if plan.refused_files:
        decision.outcomes["file_refused"] = plan.refused_files
    plan.references = list(world.references.values())
    return decision


def _apply(world: World, plan: Plan, decision: Decision, placed: Placed) -> str:
    if placed.item is not None:
        return supersede(world, plan, decision, placed, _take)
    return _take(world, plan, decision, placed)


def _take(world: World, plan: Plan, decision: Decision, placed: Placed) -> str:
    """What there is to know of our own sends, else of what others did."""
    match placed.event:
        case MessageEvent() as event:
            ours = placed.command and world.messages.get(placed.command.message)
            if ours and ours.channel_id == placed.channel.id:
                return settle(world, plan, decision, placed, Rank.SENT)
            return arrive(world, plan, placed, event)
        case DeliveryEvent() if placed.reference is None:
            return "action_status"
        case DeliveryEvent(data=status):
            problem = status.problem.model_dump() if status.problem else None
            return settle(world, plan, decision, placed, RANKS[status.status], problem)
        case SendResultEvent(data=result):
            problem = result.problem.model_dump() if result.problem else None
            return settle(world, plan, decision, placed, RANKS[result.outcome], problem)
        case WatermarkEvent() as event:
            return take_watermark(world, plan, decision, placed, event)
        case EditEvent() | DeletionEvent() | ReactionEvent():
            return amend(world, plan, placed)
        case _:
            return _take_news(world, plan, decision, placed)


def _take_news(world: World, plan: Plan, decision: Decision, placed: Placed) -> str:
    """What is no message and changes none but by its result."""
    match placed.event:
        case UnsupportedEvent() as event:
            return unsupported(world, plan, placed, event)
        case ContactEvent() as event:
            return learn_contact(world, plan, placed, event)
        case MediaResultEvent() as event:
            return take_media(world, plan, placed, event)
        case ProfileResultEvent() as event:
            return take_profile(world, plan, placed, event)
        case ActionResultEvent() as event:
            return action_failed(world, plan, placed, event)
        case RatingEvent() as event:
            return take_rating(world, plan, placed, event)
        case ThreadControlEvent() as event:
            return take_thread_control(world, plan, placed, event)
        case AccountEvent() as event:
            return take_account_news(plan, decision, placed, event)
        case other:
            msg = f"{other.type} has no handler"
            raise AssertionError(msg)
