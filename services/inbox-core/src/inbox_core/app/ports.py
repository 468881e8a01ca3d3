"""What the use cases need of the world, owned by them; adapters/postgres implements it.

A UnitOfWork is one transaction. Its `lock_*` methods take row locks, and the use cases call them
in one order everywhere: alias, reference, identity, contact, conversation, message, each sorted.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from inbox_core.app.plan import Plan
from inbox_core.domain.conversation import Conversation
from inbox_core.domain.delivery import Delivery
from inbox_core.domain.identity import AliasKey, Contact, Identity
from inbox_core.domain.message import Message
from inbox_core.domain.references import Reference, RefKey

Key = tuple[UUID, UUID]
"""(workspace_id, id): how everything is looked up, so that no tenant reaches another's row."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel account of a workspace; its secret stays in the database and the bucket."""

    id: UUID
    workspace_id: UUID
    type: str
    account: str
    name: str
    enabled: bool
    version: int = 1


@dataclass(frozen=True, slots=True)
class Room:
    """How busy an account is: parts outstanding, and waiting ones by priority."""

    outstanding: int
    waiting: tuple[int, int, int]


class UnitOfWork(Protocol):
    """One transaction: everything loaded is locked, everything planned is written at the end."""

    async def channels_by_account(
        self, accounts: Collection[tuple[str, str]]
    ) -> Mapping[tuple[str, str], Channel]:
        """Enabled or not, by (type, account)."""
        ...

    async def channels(self, keys: Collection[Key]) -> Mapping[UUID, Channel]: ...

    async def lock_channel(self, key: Key) -> Channel | None: ...

    async def add_channel(self, channel: Channel, sealed: str) -> None:
        """A new channel with its sealed secret. Raises AccountTaken, whoever has the account."""
        ...

    async def change_channel(self, channel: Channel, sealed: str | None) -> None:
        """Name, switch and version of a locked channel; its secret too, unless None."""
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

    async def lock_contacts(self, keys: Collection[Key]) -> Mapping[UUID, Contact]: ...

    async def contacts(self, keys: Collection[Key]) -> Mapping[UUID, Contact]: ...

    async def latest_conversations(self, identities: Collection[Key]) -> Mapping[UUID, UUID]:
        """Each identity's live conversation, else its latest, by identity id. Takes no lock."""
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

    async def write(self, plan: Plan) -> None:
        """Everything the plan holds, changes and commands included."""
        ...


class Store(Protocol):
    """Opens transactions; `workspace_id` None is the worker's, over all workspaces."""

    def begin(
        self, workspace_id: UUID | None = None
    ) -> AbstractAsyncContextManager[UnitOfWork]: ...
