"""Whether something may be sent in a conversation now. Asked by app.reply and app.retry."""

from collections.abc import Sequence
from datetime import datetime

from inbox_core.app.pieces import Piece
from inbox_core.app.window import admits, explain, window_of
from inbox_core.app.world import World
from inbox_core.domain.conversation import Conversation
from inbox_core.domain.errors import ContactBlocked, NotSendable, WindowClosed
from inbox_core.domain.status import Status


def check_sendable(world: World, conversation: Conversation) -> None:
    """Raises NotSendable, ContactBlocked."""
    if world.contacts[conversation.contact_id].blocked:
        raise ContactBlocked("The contact is blocked; unblock them first.")
    if conversation.status == Status.ARCHIVED:
        raise NotSendable("The conversation is archived; move it out of the archive first.")
    if not world.channels[conversation.channel_id].enabled:
        raise NotSendable("The channel of this conversation is switched off.")


def check_window(
    world: World, conversation: Conversation, pieces: Sequence[Piece], now: datetime
) -> None:
    """Before anything is stored: what the platform would refuse anyway. Raises WindowClosed."""
    can = world.channels[conversation.channel_id].can
    window = window_of(can, world.identities[conversation.identity_id], now)
    if window and not all(admits(window, piece["kind"], human=True) for piece in pieces):
        raise WindowClosed(explain(window))
