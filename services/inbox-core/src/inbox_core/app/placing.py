"""Placing: what an event is about, as keys. Before anything is loaded; called by app.receive."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from contracts.commands import CommandId
from contracts.events import (
    ActionResultEvent,
    ContactEvent,
    DeletionEvent,
    DeliveryEvent,
    EditEvent,
    Event,
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
from contracts.parts import Alias
from inbox_core.app.ports import Channel
from inbox_core.domain.identity import AliasKey
from inbox_core.domain.references import RefKey


@dataclass(frozen=True, slots=True)
class Placed:
    """An event whose channel is known, with the keys it needs.

    `thread`: the aliases that name its conversation, those that decide first; `stale` are those
    of them the person has left. `known`: aliases to look up and never to make. `reference`: the
    provider's id it is about, `also` further ones. `command`: the send of ours it is about.
    `ripe`: an echo that has waited long enough. `item`: the id under which its raw item is kept.
    `conversation`: the one it names, whosesoever it is.
    """

    event: Event
    channel: Channel
    thread: tuple[AliasKey, ...] = ()
    reference: RefKey | None = None
    command: CommandId | None = None
    known: tuple[AliasKey, ...] = ()
    stale: tuple[AliasKey, ...] = ()
    also: tuple[RefKey, ...] = ()
    message: UUID | None = None
    identity: UUID | None = None
    ripe: bool = False
    item: str | None = None
    conversation: UUID | None = None


ACTION_ID = "action:"
"""What the ids of our actions begin with; those of sends are CommandIds."""


def place(event: Event, channel: Channel) -> Placed:
    """The keys of one event: a table of what each kind is about."""
    match event:
        case MessageEvent(data=data):
            return Placed(
                event,
                channel,
                _thread(channel, data.contact.aliases, data.group_id),
                _reference(channel, data.external_id),
                CommandId.parse(data.client_ref),
            )
        case UnsupportedEvent(data=data):
            aliases = data.contact.aliases if data.contact else ()
            thread = _thread(channel, aliases, data.group_id)
            about = data.external_id or f"event:{event.id}"
            return Placed(event, channel, thread, _reference(channel, about))
        case DeliveryEvent(data=status) if (status.client_ref or "").startswith(ACTION_ID):
            return Placed(event, channel)  # of a reaction: there is no message to hold it for
        case DeliveryEvent(data=status):
            command = CommandId.parse(status.client_ref)
            return Placed(event, channel, (), _reference(channel, status.external_id), command)
        case SendResultEvent(data=result):
            command = CommandId.parse(result.command_id)
            sent_as = result.external_id
            reference = _reference(channel, sent_as) if sent_as else None
            return Placed(event, channel, (), reference, command)
        case EditEvent() | DeletionEvent() | ReactionEvent():
            return Placed(event, channel, (), _reference(channel, event.data.external_id))
        case ContactEvent(data=update):
            # Its own id is the reference of the line it may leave in the thread.
            thread = _thread(channel, (*update.previous, *update.contact.aliases))
            stale = tuple(
                key
                for key in _thread(channel, update.previous)
                if key not in _thread(channel, update.contact.aliases)
            )
            line = _reference(channel, f"event:{event.id}") if update.previous else None
            return Placed(event, channel, thread, line, stale=stale)
        case _:
            return _place_news(event, channel)


def _place_news(event: Event, channel: Channel) -> Placed:
    """What is about things that are there already: nothing is made for it."""
    match event:
        case WatermarkEvent(data=mark):
            return Placed(
                event,
                channel,
                known=_thread(channel, mark.contact.aliases),
                also=tuple(_reference(channel, external) for external in mark.external_ids),
            )
        case RatingEvent(data=rating):
            known = _thread(channel, rating.contact.aliases)
            return Placed(event, channel, known=known, conversation=rating.conversation_id)
        case ThreadControlEvent(data=control):
            return Placed(event, channel, known=_thread(channel, control.contact.aliases))
        case MediaResultEvent(data=result):
            return Placed(event, channel, message=result.message_id)
        case ProfileResultEvent(data=profile):
            return Placed(event, channel, identity=profile.identity_id)
        case ActionResultEvent(data=failed):
            about = _reference(channel, failed.external_id) if failed.external_id else None
            return Placed(event, channel, (), about)
        case _:
            return Placed(event, channel)


def _thread(
    channel: Channel, aliases: Iterable[Alias], group_id: str | None = None
) -> tuple[AliasKey, ...]:
    """A group is a thread of its own, whoever writes in it."""
    named: Sequence[Alias] = (Alias(kind="group", value=group_id),) if group_id else tuple(aliases)
    return tuple(
        dict.fromkeys(
            AliasKey(channel.workspace_id, channel.id, alias.kind, alias.value) for alias in named
        )
    )


def _reference(channel: Channel, provider_id: str) -> RefKey:
    return RefKey(channel.workspace_id, channel.id, provider_id)
