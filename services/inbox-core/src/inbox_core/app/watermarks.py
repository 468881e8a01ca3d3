"""Watermarks: everything sent to a person up to a moment was delivered, or read.

A part keeps what watermarks say of it beside what was said of itself (`Delivery.implied`), so a
result that comes later ends the same. Called by app.decide.
"""

from contracts.events import WatermarkEvent
from inbox_core.app.decision import Decision
from inbox_core.app.placing import Placed
from inbox_core.app.plan import Plan
from inbox_core.app.settle import RANKS, settle_by_id
from inbox_core.app.world import World
from inbox_core.domain.delivery import Delivery


def take_watermark(
    world: World, plan: Plan, decision: Decision, placed: Placed, event: WatermarkEvent
) -> str:
    """The ids it names are statuses; all that was dispatched before it is covered.

    Nobody is made for a watermark: whom we never wrote to has read nothing of ours.
    """
    rank = RANKS[event.data.status]
    for key in placed.also:
        settle_by_id(world, plan, decision, placed, world.references[key], rank)
    identity = world.known(placed)
    if identity is None:
        return "watermark_of_nobody"
    for part in world.sent_to(identity.id):
        if _covered(part, event) and _imply(part, event):
            plan.touch_delivery(part)
            plan.touch_message(world.messages[part.message_id], "message.delivery_changed")
    return "watermark"


def _covered(part: Delivery, event: WatermarkEvent) -> bool:
    return part.dispatched_at is not None and part.dispatched_at <= event.data.up_to


def _imply(part: Delivery, event: WatermarkEvent) -> bool:
    """True when the part has more to show, or will have once its result comes."""
    state = part.state
    if not part.imply(RANKS[event.data.status]):
        return False
    if part.state != state:
        part.changed_at = event.time
    return True
