"""Load: everything a batch of events touches, locked in one order (ports.UnitOfWork).

First of the three steps load, decide, write. Called by app.receive.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.commands import CommandId
from contracts.events import (
    ContactEvent,
    DeletionEvent,
    DeliveryEvent,
    EditEvent,
    Event,
    MessageEvent,
    ReactionEvent,
    SendResultEvent,
    UnsupportedEvent,
)
from contracts.parts import Alias
from inbox_core.app.ports import Channel, Key, UnitOfWork
from inbox_core.domain.conversation import Conversation
from inbox_core.domain.delivery import Delivery
from inbox_core.domain.identity import AliasKey, Contact, Identity
from inbox_core.domain.message import Message
from inbox_core.domain.references import Reference, RefKey


@dataclass(frozen=True, slots=True)
class Placed:
    """An event whose channel is known, with the keys it needs.

    `thread`: the aliases that name its conversation, strongest first; empty when it has none.
    `reference`: the provider's id it is about. `command`: the send of ours it is about.
    """

    event: Event
    channel: Channel
    thread: tuple[AliasKey, ...] = ()
    reference: RefKey | None = None
    command: CommandId | None = None


@dataclass(slots=True)
class World:
    """What was loaded, grown by what decide adds."""

    placed: list[Placed]
    channels: dict[UUID, Channel]
    aliases: dict[AliasKey, UUID | None] = field(default_factory=dict)
    references: dict[RefKey, Reference] = field(default_factory=dict)
    identities: dict[UUID, Identity] = field(default_factory=dict)
    contacts: dict[UUID, Contact] = field(default_factory=dict)
    conversations: dict[UUID, Conversation] = field(default_factory=dict)
    latest: dict[UUID, UUID] = field(default_factory=dict)
    messages: dict[UUID, Message] = field(default_factory=dict)
    deliveries: dict[UUID, list[Delivery]] = field(default_factory=dict)

    def part(self, message_id: UUID, part: int) -> Delivery | None:
        """A part of an outbound message, None when the message is none of ours."""
        return next((d for d in self.deliveries.get(message_id, ()) if d.part == part), None)


def place(event: Event, channel: Channel) -> Placed:
    """The keys of one event: a table of what each kind is about."""
    match event:
        case MessageEvent():
            return Placed(
                event,
                channel,
                _thread(channel, event.data.contact.aliases, event.data.group_id),
                _reference(channel, event.data.external_id),
                CommandId.parse(event.data.client_ref),
            )
        case UnsupportedEvent(data=data):
            aliases = data.contact.aliases if data.contact else ()
            thread = _thread(channel, aliases, data.group_id)
            about = data.external_id or f"event:{event.id}"
            return Placed(event, channel, thread, _reference(channel, about))
        case DeliveryEvent(data=status):
            command = CommandId.parse(status.client_ref)
            return Placed(event, channel, (), _reference(channel, status.external_id), command)
        case SendResultEvent(data=result):
            command = CommandId.parse(result.command_id)
            sent_as = result.external_id
            reference = _reference(channel, sent_as) if sent_as else None
            return Placed(event, channel, (), reference, command)
        case ContactEvent(data=update):
            aliases = (*update.previous, *update.contact.aliases)
            return Placed(event, channel, _thread(channel, aliases, None))
        case EditEvent() | DeletionEvent() | ReactionEvent():
            return Placed(event, channel, (), _reference(channel, event.data.external_id))
        case _:
            return Placed(event, channel)


async def load(uow: UnitOfWork, placed: list[Placed], now: datetime) -> World:
    """Lock everything the events touch, in the order of ports.UnitOfWork."""
    world = World(placed, {item.channel.id: item.channel for item in placed})
    positions: dict[AliasKey, int] = {}
    for item in placed:
        for position, key in enumerate(item.thread):
            positions.setdefault(key, position)
    world.aliases = dict(await uow.lock_aliases(positions, now))
    wanted = {item.reference for item in placed if item.reference}
    world.references = dict(await uow.lock_references(wanted, now))
    known = {(key.workspace_id, found) for key, found in world.aliases.items() if found}
    world.identities = dict(await uow.lock_identities(known))
    identities = world.identities.values()
    world.contacts = dict(
        await uow.lock_contacts({(row.workspace_id, row.contact_id) for row in identities})
    )
    world.latest = dict(await uow.latest_conversations(known))
    workspaces = {row.id: row.workspace_id for row in identities}
    messages = _messages(world)
    world.conversations = dict(
        await uow.lock_conversations(
            {(workspaces[identity], latest) for identity, latest in world.latest.items()}
            | set(await uow.conversations_of(messages))
        )
    )
    world.messages = dict(await uow.lock_messages(messages))
    world.deliveries = dict(await uow.deliveries(messages))
    await load_owners(uow, world)
    return world


async def load_owners(uow: UnitOfWork, world: World) -> None:
    """The contacts and channels of the conversations, for the views of their rows."""
    rows = world.conversations.values()
    people = {(row.workspace_id, row.contact_id) for row in rows}
    world.contacts.update(await uow.contacts({k for k in people if k[1] not in world.contacts}))
    channels = {(row.workspace_id, row.channel_id) for row in rows}
    world.channels.update(await uow.channels({k for k in channels if k[1] not in world.channels}))


def _messages(world: World) -> set[Key]:
    """The messages that statuses, results, edits and reactions of this batch are about."""
    named = {(k.workspace_id, r.message_id) for k, r in world.references.items() if r.message_id}
    sent = {(p.channel.workspace_id, p.command.message) for p in world.placed if p.command}
    return named | sent


def _thread(
    channel: Channel, aliases: Sequence[Alias], group_id: str | None
) -> tuple[AliasKey, ...]:
    """A group is a thread of its own, whoever writes in it."""
    named = (Alias(kind="group", value=group_id),) if group_id else aliases
    return tuple(
        dict.fromkeys(
            AliasKey(channel.workspace_id, channel.id, alias.kind, alias.value) for alias in named
        )
    )


def _reference(channel: Channel, provider_id: str) -> RefKey:
    return RefKey(channel.workspace_id, channel.id, provider_id)
