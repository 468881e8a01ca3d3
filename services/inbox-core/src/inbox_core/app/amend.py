"""Amend: an edit, an unsend or a reaction reaches its message, or waits for it.

Called by app.decide. Whatever order they come in ends the same (domain/message.py).
"""

from contracts.changes import ChangeType
from contracts.events import DeletionEvent, EditEvent, Event, Reaction, ReactionEvent
from inbox_core.app.media import follow
from inbox_core.app.placing import Placed
from inbox_core.app.plan import Plan
from inbox_core.app.world import World
from inbox_core.domain.message import OURS, Message
from inbox_core.domain.references import Reference


def amend(world: World, plan: Plan, placed: Placed) -> str:
    """To the message, or held until it comes."""
    if placed.reference is None:
        return "amendment_of_no_message"
    reference = world.references[placed.reference]
    message = world.messages.get(reference.message_id) if reference.message_id else None
    if message is None:
        _hold(reference, placed.event)
        return "amendment_held"
    before = message.parts
    change = _change(message, placed.event)
    if change is None:
        return "amendment_repeated"
    if message.parts is not before:
        follow(plan, placed.channel, message, before)
    plan.touch_message(message, change)
    refresh_row(world, plan, message)
    return "amended"


def refresh_row(world: World, plan: Plan, message: Message) -> None:
    """The list row shows the message's new words, if it showed this message."""
    conversation = world.conversations[message.conversation_id]
    before = conversation.last_preview
    conversation.refresh_preview(message)
    if conversation.last_preview != before:
        plan.touch_conversation(conversation)


def _hold(reference: Reference, event: Event) -> None:
    match event:
        case EditEvent(data=edit):
            parts = [part.model_dump(mode="json", exclude_none=True) for part in edit.parts]
            reference.hold_edit(event.time, parts)
        case DeletionEvent():
            reference.hold_deletion(event.time)
        case ReactionEvent(data=reaction):
            reference.hold_reaction(_by(reaction), reaction.emoji, event.time)
        case _:
            pass


def _change(message: Message, event: Event) -> ChangeType | None:
    """Apply it; the name of the change, None when it is old news."""
    changed = False
    match event:
        case EditEvent(data=edit):
            parts = [part.model_dump(mode="json", exclude_none=True) for part in edit.parts]
            changed = message.edit(event.time, parts)
        case DeletionEvent():
            return "message.deleted" if message.delete(event.time) else None
        case ReactionEvent(data=reaction):
            changed = message.react(_by(reaction), reaction.emoji, event.time)
        case _:
            pass
    return "message.edited" if changed else None


def _by(reaction: Reaction) -> str:
    """Whose reaction it is: one a member made in the platform's own app is ours too."""
    return OURS if reaction.direction == "outbound" else reaction.contact.aliases[0].value
