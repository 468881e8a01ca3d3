"""Watermarks: everything sent to a person up to a moment, or a place, was delivered, or read.

A part keeps what watermarks say of it beside what was said of itself (`Delivery.implied`, `shown`),
so a result that comes later ends the same. Called by app.decide.
"""

from contracts.events import WatermarkEvent
from inbox_core.app.decision import Decision
from inbox_core.app.placing import Placed
from inbox_core.app.plan import Plan
from inbox_core.app.settle import RANKS, settle_by_id
from inbox_core.app.world import World, marks_of
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
    marks = marks_of(world, placed, event)
    if not marks:
        return "watermark_of_nobody"
    for mark in marks:
        for part in world.sent_to(mark.identity[1]):
            if mark.covers(part) and _imply(part, event):
                plan.touch_delivery(part)
                plan.touch_message(world.messages[part.message_id], "message.delivery_changed")
    return "watermark"


def _imply(part: Delivery, event: WatermarkEvent) -> bool:
    """True when the part has more to show, or will have once its result comes."""
    state = part.state
    if not part.imply(RANKS[event.data.status], shown=event.data.up_to_seq is not None):
        return False
    if part.state != state:
        part.changed_at = event.time
    return True
