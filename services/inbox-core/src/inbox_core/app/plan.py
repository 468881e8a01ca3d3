"""What one transaction will write: collected by the use cases, written by the unit of work.

Entities are changed in place and marked here; a version goes up once a transaction, so every
version a screen ever sees is a committed state.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import uuid_utils.compat as uuid_utils

from contracts.changes import ChangeType
from inbox_core.domain.actors import Actor
from inbox_core.domain.conversation import Conversation
from inbox_core.domain.delivery import Delivery
from inbox_core.domain.files import File
from inbox_core.domain.identity import AliasKey, Contact, Identity
from inbox_core.domain.message import Message
from inbox_core.domain.references import Reference
from inbox_core.domain.source import SealedIp, Source
from inbox_core.domain.status import Status


def new_id() -> UUID:
    """A UUIDv7: sortable by time, made here and not in the database."""
    return uuid_utils.uuid7()


@dataclass(frozen=True, slots=True)
class StatusChange:
    conversation_id: UUID
    workspace_id: UUID
    before: Status
    after: Status
    reason: str | None
    actor: Actor


@dataclass(frozen=True, slots=True)
class UnsupportedItem:
    """The raw item behind an unsupported message, kept for a later normalizer."""

    workspace_id: UUID
    event_id: str
    channel_id: UUID
    message_id: UUID | None
    kind: str
    why: str
    raw: str
    normalizer: int
    received_at: datetime
    beside: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelEvent:
    """News of an account or a thread that is no message."""

    workspace_id: UUID
    event_id: str
    channel_id: UUID
    type: str
    data: dict[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class AuditEntry:
    workspace_id: UUID
    actor: Actor
    action: str
    entity_type: str
    entity_id: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One JetStream message to be, written with the change it tells of."""

    id: UUID
    workspace_id: UUID
    subject: str
    body: bytes


@dataclass(slots=True)
class Plan:
    """`messages` maps to the name of the change screens are told."""

    now: datetime
    actor: Actor
    new_contacts: dict[UUID, Contact] = field(default_factory=dict)
    contacts: dict[UUID, Contact] = field(default_factory=dict)
    new_identities: dict[UUID, Identity] = field(default_factory=dict)
    identities: dict[UUID, Identity] = field(default_factory=dict)
    aliases: dict[AliasKey, UUID] = field(default_factory=dict)
    new_conversations: dict[UUID, Conversation] = field(default_factory=dict)
    conversations: dict[UUID, Conversation] = field(default_factory=dict)
    new_messages: dict[UUID, Message] = field(default_factory=dict)
    messages: dict[UUID, tuple[Message, ChangeType]] = field(default_factory=dict)
    new_deliveries: dict[tuple[UUID, int], Delivery] = field(default_factory=dict)
    deliveries: dict[tuple[UUID, int], Delivery] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    new_files: dict[UUID, File] = field(default_factory=dict)
    purged_files: set[tuple[UUID, UUID]] = field(default_factory=set)
    """(workspace_id, id) of files nobody may see any more."""
    status_changes: list[StatusChange] = field(default_factory=list)
    unsupported: list[UnsupportedItem] = field(default_factory=list)
    raised_items: list[UnsupportedItem] = field(default_factory=list)
    """Still unsupported, by a higher normalizer."""
    understood_items: list[UnsupportedItem] = field(default_factory=list)
    channel_events: list[ChannelEvent] = field(default_factory=list)
    sources: dict[UUID, Source] = field(default_factory=dict)
    """By the conversation they began."""
    visitor_ips: dict[UUID, SealedIp] = field(default_factory=dict)
    refreshed: set[UUID] = field(default_factory=set)
    """Conversations that their person may see otherwise now, beside those whose status changed."""
    conflicts: int = 0
    """Events whose aliases name several people: told apart, counted, never merged here."""
    refused_files: int = 0
    """Files that came with a message and do not lie where its workspace's do."""
    audit: list[AuditEntry] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)

    def touch_contact(self, contact: Contact) -> None:
        """The contact changed."""
        if contact.id not in self.contacts and contact.id not in self.new_contacts:
            contact.version += 1
            self.contacts[contact.id] = contact

    def touch_identity(self, identity: Identity) -> None:
        """What is known of the identity changed."""
        if identity.id not in self.new_identities:
            self.identities[identity.id] = identity

    def touch_conversation(self, conversation: Conversation) -> None:
        """The conversation changed."""
        key = conversation.id
        if key not in self.conversations and key not in self.new_conversations:
            conversation.version += 1
            self.conversations[conversation.id] = conversation

    def touch_message(self, message: Message, change: ChangeType) -> None:
        """The message changed; a deletion's name outweighs an edit's, an edit's a delivery's."""
        if message.id in self.new_messages:
            return
        before = self.messages.get(message.id)
        if before is None:
            message.version += 1
        if before is None or _WEIGHT[change] > _WEIGHT[before[1]]:
            self.messages[message.id] = (message, change)

    def touch_delivery(self, delivery: Delivery) -> None:
        """A part's state changed; its message shows it."""
        key = (delivery.message_id, delivery.part)
        if key not in self.new_deliveries:
            self.deliveries[key] = delivery

    def move(
        self, conversation: Conversation, wanted: Status, by: Actor, reason: str | None = None
    ) -> None:
        """Carry out a checked status transition and its row of history."""
        self.status_changes.append(
            StatusChange(
                conversation.id,
                conversation.workspace_id,
                conversation.status,
                wanted,
                reason,
                by,
            )
        )
        conversation.enter(wanted, self.now, by.label, reason)
        self.touch_conversation(conversation)


_WEIGHT: dict[str, int] = {
    "message.delivery_changed": 0,
    "message.media_changed": 1,
    "message.edited": 2,
    "message.deleted": 3,
}
