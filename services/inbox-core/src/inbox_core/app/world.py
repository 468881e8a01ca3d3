"""Load: everything a batch of events touches, locked in one order (ports.UnitOfWork).

First of the three steps load, decide, write. Called by app.receive.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from contracts.events import MessageEvent, WatermarkEvent
from inbox_core.app.events_port import Mark
from inbox_core.app.placing import Placed
from inbox_core.app.plan import UnsupportedItem
from inbox_core.app.ports import Channel, Key, UnitOfWork
from inbox_core.domain.conversation import Conversation
from inbox_core.domain.delivery import Delivery, Rank
from inbox_core.domain.identity import AliasKey, Contact, Identity
from inbox_core.domain.message import Message
from inbox_core.domain.references import Reference, RefKey

STALE = 100
"""Where the names begin that a person has left: behind any they have."""
MOST_COVERED = 1000
"""Parts one watermark moves, the newest ones; older ones it leaves as they are."""


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
    items: dict[tuple[UUID, str], UnsupportedItem] = field(default_factory=dict)
    busy: set[UUID] = field(default_factory=set)
    """Identities of strange echoes with a send of ours outstanding."""
    _sent: dict[UUID, list[Delivery]] | None = None

    def known(self, placed: Placed) -> Identity | None:
        """Whom an event names that makes nobody: by the strongest name that is known."""
        return next(iter(self.names_of(placed)), None)

    def names_of(self, placed: Placed) -> Sequence[Identity]:
        """All whom an event names that makes nobody, by the strongest name first.

        Several, where a person was known under two names before anybody knew that they are one.
        """
        found = dict.fromkeys(filter(None, (self.aliases.get(key) for key in placed.known)))
        return [self.identities[one] for one in found if one in self.identities]

    def sent_to(self, identity_id: UUID) -> Sequence[Delivery]:
        """What was loaded of the sends to a person; sorted once, for batches full of watermarks."""
        if self._sent is None:
            self._sent = defaultdict(list)
            for parts in self.deliveries.values():
                for part in parts:
                    who = self.conversations[part.conversation_id].identity_id
                    self._sent[who].append(part)
        return self._sent.get(identity_id, ())

    def part(self, message_id: UUID, part: int) -> Delivery | None:
        """A part of an outbound message, None when the message is none of ours."""
        return next((d for d in self.deliveries.get(message_id, ()) if d.part == part), None)


async def load(uow: UnitOfWork, placed: list[Placed], now: datetime) -> World:
    """Lock everything the events touch, in the order of ports.UnitOfWork.

    What only some kinds of events need is asked for when the batch has such events.
    """
    world = World(placed, {item.channel.id: item.channel for item in placed})
    world.aliases = dict(await uow.lock_aliases(_positions(placed), now))
    world.aliases.update(await uow.find_aliases(_looked_up(world)))
    wanted = {item.reference for item in placed if item.reference}
    wanted.update(reference for item in placed for reference in item.also)
    world.references = dict(await uow.lock_references(wanted, now))
    await _people(uow, world)
    items = {(item.channel.workspace_id, item.item) for item in placed if item.item}
    world.items = dict(await uow.lock_items(items))
    messages = _messages(world) | set(await uow.covered(_watermarks(world), MOST_COVERED))
    latest = {(world.identities[who].workspace_id, row) for who, row in world.latest.items()}
    named = {(p.channel.workspace_id, p.conversation) for p in placed if p.conversation}
    threads = latest | named | set(await uow.conversations_of(messages))
    world.conversations = dict(await uow.lock_conversations(threads))
    world.messages = dict(await uow.lock_messages(messages))
    world.deliveries = dict(await uow.deliveries(messages))
    await load_owners(uow, world)
    return world


async def _people(uow: UnitOfWork, world: World) -> None:
    """Identities, their contacts, and where their conversations are."""
    known = {(key.workspace_id, found) for key, found in world.aliases.items() if found}
    asked = {(p.channel.workspace_id, p.identity) for p in world.placed if p.identity}
    world.identities = dict(await uow.lock_identities(known | asked))
    people = {(row.workspace_id, row.contact_id) for row in world.identities.values()}
    world.contacts = dict(await uow.lock_contacts(people))
    world.latest = dict(await uow.latest_conversations(known))
    world.busy = set(await uow.busy_identities(_echoing(world)))


def _positions(placed: Sequence[Placed]) -> dict[AliasKey, int]:
    """The order in which a person's names are written to; those they have left come last."""
    positions: dict[AliasKey, int] = {}
    for item in placed:
        for position, key in enumerate(item.thread):
            positions.setdefault(key, position)
    for item in placed:
        positions.update({key: STALE + place for place, key in enumerate(item.stale)})
    return positions


def _looked_up(world: World) -> set[AliasKey]:
    wanted = {key for item in world.placed for key in item.known}
    return wanted - world.aliases.keys()


def _echoing(world: World) -> set[Key]:
    """Whom echoes are to that nobody here knows yet, and that no id of ours explains."""
    return {
        (key.workspace_id, identity)
        for item in world.placed
        if is_strange_echo(item) and item.reference
        if world.references[item.reference].message_id is None
        for key in item.thread
        if (identity := world.aliases.get(key)) is not None
    }


def is_strange_echo(placed: Placed) -> bool:
    """A message sent from our side, just now, that does not say that it is ours."""
    event = placed.event
    if not isinstance(event, MessageEvent) or placed.command is not None:
        return False
    return event.data.direction == "outbound" and not event.data.history


def marks_of(world: World, placed: Placed, event: WatermarkEvent) -> list[Mark]:
    """What a watermark says; nothing, of people we do not know.

    Of a conversation it names, whichever of the person's names that belongs to; else of the first,
    for a name that somebody has left may be another's.
    """
    data = event.data
    names = world.names_of(placed)
    return [
        Mark(
            identity=(identity.workspace_id, identity.id),
            rank=Rank[data.status.upper()],
            up_to=data.up_to,
            conversation=data.conversation_id,
            up_to_seq=data.up_to_seq,
        )
        for identity in (names if data.conversation_id else names[:1])
    ]


def _watermarks(world: World) -> list[Mark]:
    return [
        mark
        for item in world.placed
        if isinstance(item.event, WatermarkEvent)
        for mark in marks_of(world, item, item.event)
    ]


async def load_owners(uow: UnitOfWork, world: World) -> None:
    """The identities, contacts and channels of the conversations, for the views of their rows."""
    rows = world.conversations.values()
    known = {(row.workspace_id, row.identity_id) for row in rows}
    missing = {key for key in known if key[1] not in world.identities}
    world.identities.update(await uow.identities(missing))
    people = {(row.workspace_id, row.contact_id) for row in rows}
    world.contacts.update(await uow.contacts({k for k in people if k[1] not in world.contacts}))
    channels = {(row.workspace_id, row.channel_id) for row in rows}
    world.channels.update(await uow.channels({k for k in channels if k[1] not in world.channels}))


def _messages(world: World) -> set[Key]:
    """The messages that statuses, results, edits, reactions and files of this batch are about."""
    named = {(k.workspace_id, r.message_id) for k, r in world.references.items() if r.message_id}
    sent = {(p.channel.workspace_id, p.command.message) for p in world.placed if p.command}
    filed = {(p.channel.workspace_id, p.message) for p in world.placed if p.message}
    raw = {(row.workspace_id, row.message_id) for row in world.items.values() if row.message_id}
    return named | sent | filed | raw
