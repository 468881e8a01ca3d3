"""What the use cases need of the world, owned by them; adapters/postgres implements it.

A UnitOfWork is one transaction. Its `lock_*` methods take row locks, and the use cases call them
in one order everywhere: alias, reference, identity, contact, conversation, message, each sorted.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from contracts.capabilities import Capabilities
from inbox_core.app.bylines import Names
from inbox_core.app.capabilities import Book
from inbox_core.app.chores_port import Chores
from inbox_core.app.events_port import EventReads
from inbox_core.app.health import ChannelHealth
from inbox_core.app.plan import Plan
from inbox_core.domain.conversation import Conversation
from inbox_core.domain.delivery import Delivery
from inbox_core.domain.files import File
from inbox_core.domain.identity import AliasKey, Contact, Identity
from inbox_core.domain.message import Message
from inbox_core.domain.references import Reference, RefKey

Key = tuple[UUID, UUID]
"""(workspace_id, id): how everything is looked up, so that no tenant reaches another's row."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel account of a workspace; its secret stays in the database and the bucket.

    `can`: what its type can do, as its adapter announced it (capabilities.py). `parent` and
    `config` as in contracts.records.ChannelRecord.
    """

    id: UUID
    workspace_id: UUID
    type: str
    account: str
    name: str
    enabled: bool
    can: Capabilities
    version: int = 1
    parent: str | None = None
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Room:
    """How busy an account is: parts outstanding, and waiting ones by priority."""

    outstanding: int
    waiting: tuple[int, int, int]


class UnitOfWork(EventReads, Chores, Names, Protocol):
    """One transaction: everything loaded is locked, everything planned is written at the end."""

    async def channels_by_account(
        self, accounts: Collection[tuple[str, str]]
    ) -> Mapping[tuple[str, str], Channel]:
        """Enabled or not, by (type, account)."""
        ...

    async def channels_by_parent(self, parents: Collection[tuple[str, str]]) -> Sequence[Channel]:
        """Every channel whose account stands under one of these, by (type, parent)."""
        ...

    async def channels(self, keys: Collection[Key]) -> Mapping[UUID, Channel]: ...

    async def lock_channel(self, key: Key) -> Channel | None: ...

    async def add_channel(self, channel: Channel, sealed: str) -> None:
        """A new channel with its sealed secret. Raises AccountTaken, whoever has the account."""
        ...

    async def change_channel(self, channel: Channel, sealed: str | None) -> None:
        """All that may change of a locked channel; its secret too, unless None."""
        ...

    async def inform_channel(self, channel: Channel, sealed: str | None) -> None:
        """Of a locked channel what its validation found out: parent, configuration, version.

        Its secret too, unless None: some platforms renew it.
        """
        ...

    async def sealed_secret(self, key: Key) -> str: ...

    async def channel_health(self, keys: Collection[Key]) -> Mapping[UUID, ChannelHealth]:
        """Of every channel there is, also of one nothing is known of. Takes no lock."""
        ...

    async def write_health(self, workspace_id: UUID, health: ChannelHealth) -> None:
        """What validation knows: its verdict, the credential's end, the account's state."""
        ...

    async def channel_to_validate(
        self, types: Collection[str], besides: Collection[UUID], before: Mapping[str, datetime]
    ) -> Key | None:
        """The enabled channel of these types whose last validation is the oldest.

        Older than `before` says for its verdict; `besides` are looked past.
        """
        ...

    async def lock_aliases(
        self, keys: Mapping[AliasKey, int], now: datetime
    ) -> Mapping[AliasKey, UUID | None]:
        """Create or lock in one sorted statement; the value is the identity, None if new.

        The mapped integer is the alias' position in its event, the order of later addressing.
        """
        ...

    async def lock_references(
        self, keys: Collection[RefKey], now: datetime
    ) -> Mapping[RefKey, Reference]:
        """Create or lock in one sorted statement."""
        ...

    async def lock_identities(self, keys: Collection[Key]) -> Mapping[UUID, Identity]: ...

    async def identities(self, keys: Collection[Key]) -> Mapping[UUID, Identity]:
        """Takes no lock."""
        ...

    async def lock_contacts(self, keys: Collection[Key]) -> Mapping[UUID, Contact]: ...

    async def contacts(self, keys: Collection[Key]) -> Mapping[UUID, Contact]: ...

    async def latest_conversations(self, identities: Collection[Key]) -> Mapping[UUID, UUID]:
        """Each identity's live conversation, else its latest, by identity id. Takes no lock."""
        ...

    async def live_conversations(self, contact: Key) -> Collection[Key]:
        """The contact's open and pending ones, on whatever channel. Takes no lock."""
        ...

    async def conversations_of(self, messages: Collection[Key]) -> Collection[Key]:
        """The conversations of the messages there are. Takes no lock: it never changes."""
        ...

    async def lock_conversations(self, keys: Collection[Key]) -> Mapping[UUID, Conversation]: ...

    async def message_by_client_msg_id(
        self, conversation: Key, client_msg_id: str
    ) -> Message | None:
        """The message a repeated POST already made."""
        ...

    async def unread_after(self, conversation: Key, seq: int) -> int:
        """How many inbound messages came after `seq`."""
        ...

    async def lock_messages(self, keys: Collection[Key]) -> Mapping[UUID, Message]: ...

    async def external_ids(self, messages: Collection[Key]) -> Mapping[UUID, str]:
        """What the platform calls the messages it has; of several parts the first."""
        ...

    async def last_inbound(self, conversation: Key, after: int, up_to: int) -> str | None:
        """What the platform calls the customer's last message in this range of numbers."""
        ...

    async def workspace_settings(self, workspace_id: UUID) -> Mapping[str, Any]:
        """What the workspace chose; a key left out is on its default."""
        ...

    async def deliveries(self, messages: Collection[Key]) -> Mapping[UUID, list[Delivery]]:
        """The parts of outbound messages, in order. Their lock is the message's."""
        ...

    async def waiting_heads(self, conversations: Collection[Key]) -> Sequence[tuple[Key, int]]:
        """The first waiting part of each conversation by (seq, part): its message and number."""
        ...

    async def outstanding(self, conversations: Collection[Key]) -> Collection[UUID]:
        """Those of the conversations that have a part outstanding."""
        ...

    async def stalled(self, limit: int) -> Collection[Key]:
        """Conversations with a part waiting and none outstanding, the most urgent first."""
        ...

    async def overdue(self, before: datetime, limit: int) -> Collection[tuple[Key, Key]]:
        """(conversation, message) of parts dispatched before then and still outstanding."""
        ...

    async def room(self, channels: Collection[Key]) -> Mapping[UUID, Room]: ...

    async def addresses(
        self, identities: Collection[Key]
    ) -> Mapping[UUID, Sequence[tuple[str, str]]]:
        """The aliases (kind, value) of each identity, the last seen first."""
        ...

    async def files(self, keys: Collection[Key]) -> Mapping[UUID, File]:
        """Those there are, to be purged or not; by id. Takes no lock."""
        ...

    async def write(self, plan: Plan) -> None:
        """Everything the plan holds, changes and commands included."""
        ...


class Store(Protocol):
    """Opens transactions; `workspace_id` None is the worker's, over all workspaces."""

    @property
    def book(self) -> Book:
        """What the channels it loads can do, by type."""
        ...

    def begin(
        self, workspace_id: UUID | None = None
    ) -> AbstractAsyncContextManager[UnitOfWork]: ...
