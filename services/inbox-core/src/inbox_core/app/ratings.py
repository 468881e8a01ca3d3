"""Ratings: how a customer found a conversation of theirs. Called by app.decide."""

from contracts.events import RatingEvent
from inbox_core.app.placing import Placed
from inbox_core.app.plan import Plan
from inbox_core.app.world import World


def take_rating(world: World, plan: Plan, placed: Placed, event: RatingEvent) -> str:
    """Their last word, if the conversation is theirs by one of the names the event has for them.

    As for history: blocked by the strongest name they are told and heard of nothing, by a weaker
    one of the threads under that name.
    """
    data = event.data
    names = world.names_of(placed)
    conversation = world.conversations.get(data.conversation_id)
    if conversation is None:
        return "rating_of_stranger"
    owner = next((one for one in names if one.id == conversation.identity_id), None)
    if owner is None:
        return "rating_of_stranger"
    if any(world.contacts[one.contact_id].blocked for one in (names[0], owner)):
        return "rating_of_blocked"
    if not conversation.rate(data.score, data.comment, event.time):
        return "rating_repeated"
    plan.touch_conversation(conversation)
    plan.refreshed.add(conversation.id)
    return "rating"
