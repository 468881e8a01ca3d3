"""Watermarks: everything sent to a person up to a moment, or a place, was delivered, or read.

A part keeps what watermarks say of it beside what was said of itself (`Delivery.implied`), so a
result that comes later ends the same. Called by app.decide.
"""

from contracts.events import WatermarkEvent
from inbox_core.app.decision import Decision
from inbox_core.app.placing import Placed
from inbox_core.app.plan import Plan
from inbox_core.app.settle import RANKS, settle_by_id
from inbox_core.app.world import World, mark_of
from inbox_core.domain.delivery import Delivery


def take_watermark(
    world: World, plan: Plan, decision: Decision, placed: Placed, event: WatermarkEvent
) -> str:
    """The ids it names are statuses; what else it covers, `events_port.Mark` says.

    Nobody is made for a watermark: whom we never wrote to has read nothing of ours.
    """
    rank = RANKS[event.data.status]
    for key in placed.also:
        settle_by_id(world, plan, decision, placed, world.references[key], rank)
    identity = world.known(placed)
    if identity is None:
        return "watermark_of_nobody"
    mark = mark_of(event, identity)
    for part in world.sent_to(identity.id):
        if mark.covers(part) and _imply(part, event):
            plan.touch_delivery(part)
            plan.touch_message(world.messages[part.message_id], "message.delivery_changed")
    return "watermark"


def _imply(part: Delivery, event: WatermarkEvent) -> bool:
    """True when the part has more to show, or will have once its result comes."""
    state = part.state
    if not part.imply(RANKS[event.data.status]):
        return False
    if part.state != state:
        part.changed_at = event.time
    return True
