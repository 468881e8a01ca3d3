"""Ratings: how a customer found a conversation of theirs. Called by app.decide."""

from contracts.events import RatingEvent
from inbox_core.app.placing import Placed
from inbox_core.app.plan import Plan
from inbox_core.app.world import World


def take_rating(world: World, plan: Plan, placed: Placed, event: RatingEvent) -> str:
    """Their last word, if the conversation is theirs by the names the event has for them."""
    data = event.data
    identity = world.known(placed)
    conversation = world.conversations.get(data.conversation_id)
    if identity is None or conversation is None or conversation.identity_id != identity.id:
        return "rating_of_stranger"
    if world.contacts[identity.contact_id].blocked:
        return "rating_of_blocked"
    if not conversation.rate(data.score, data.comment, event.time):
        return "rating_repeated"
    plan.touch_conversation(conversation)
    plan.refreshed.add(conversation.id)
    return "rating"
