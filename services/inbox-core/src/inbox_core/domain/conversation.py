"""A conversation and its counters.

Every change happens under the row's lock, so plain integers are enough and nothing can drift.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from inbox_core.domain.message import Message
from inbox_core.domain.preview import preview
from inbox_core.domain.status import Status

Handler = Literal["ai", "human_requested", "human", "none"]
Attention = Literal[
    "ai_handling", "waiting_human", "waiting_customer", "follow_up", "resolved", "archived"
]


@dataclass(slots=True)
class Conversation:
    """`last_seq` numbers messages by arrival; unread marks count inbound ones past `read_seq`.

    `thread_owner`: the app that holds the thread at the platform, None for this one or nobody.
    `csat_customer`: how the customer found it, from 1 to 5.
    """

    id: UUID
    workspace_id: UUID
    channel_id: UUID
    identity_id: UUID
    contact_id: UUID
    last_message_at: datetime
    created_at: datetime
    kind: str = "chat"
    status: Status = Status.OPEN
    pending_reason: str | None = None
    handler: Handler = "none"
    handler_epoch: int = 0
    assignee_id: UUID | None = None
    unread_count: int = 0
    read_seq: int = 0
    last_seq: int = 0
    last_inbound_seq: int = 0
    last_preview: str = ""
    last_author: str = "contact"
    closed_at: datetime | None = None
    closed_by: str | None = None
    close_epoch: int = 0
    ai_context_from_seq: int = 0
    thread_owner: str | None = None
    thread_owner_at: datetime | None = None
    csat_customer: int | None = None
    csat_customer_comment: str | None = None
    csat_customer_at: datetime | None = None
    version: int = 1

    def take(self, message: Message) -> None:
        """Append a message: its number, the counters, and the row's preview."""
        self.last_seq += 1
        message.seq = self.last_seq
        if message.direction == "inbound" and not message.quiet:
            self.last_inbound_seq = message.seq
            self.unread_count += 1
        self.refresh_preview(message)

    def refresh_preview(self, message: Message) -> None:
        """Show the message in the list row, unless a later one is there."""
        if not message.is_shown_in_row or message.sent_at < self.last_message_at:
            return
        self.last_message_at = message.sent_at
        self.last_preview = preview(message)
        self.last_author = message.author_type

    def forget(self, message: Message) -> None:
        """A message that counted as new counts no more."""
        if message.direction == "inbound" and not message.quiet and message.seq > self.read_seq:
            self.unread_count = max(self.unread_count - 1, 0)

    def show(self, newest: Message | None) -> None:
        """The row shows this message, after the one it showed is gone."""
        self.last_preview = preview(newest) if newest else ""
        if newest:
            self.last_message_at, self.last_author = newest.sent_at, newest.author_type

    def own(self, owner: str | None, at: datetime) -> bool:
        """Who holds the thread now; older news than we have change nothing."""
        if self.thread_owner_at is not None and at < self.thread_owner_at:
            return False
        changed = self.thread_owner != owner
        self.thread_owner, self.thread_owner_at = owner, at
        return changed

    def rate(self, score: int, comment: str | None, at: datetime) -> bool:
        """The customer's word on it; of two the later stands, of one moment the higher."""
        if self.csat_customer_at is not None:
            known = (
                self.csat_customer_at,
                self.csat_customer or 0,
                self.csat_customer_comment or "",
            )
            if (at, score, comment or "") <= known:
                return False
        self.csat_customer, self.csat_customer_comment = score, comment
        self.csat_customer_at = at
        return True

    def enter(self, wanted: Status, now: datetime, by: str, reason: str | None = None) -> None:
        """Carry out a checked transition. Any entry to open clears the closing."""
        if wanted == Status.CLOSED and self.status != Status.ARCHIVED:
            self.closed_at, self.closed_by = now, by
            self.close_epoch += 1
        elif wanted == Status.OPEN:
            if self.status == Status.CLOSED:
                self.ai_context_from_seq = self.last_seq
            self.closed_at = self.closed_by = None
        self.status = wanted
        self.pending_reason = (reason or "other") if wanted == Status.PENDING else None

    @property
    def attention(self) -> Attention:
        """What the row's icon says."""
        if self.status == Status.ARCHIVED:
            return "archived"
        if self.status == Status.CLOSED:
            return "resolved"
        if self.handler == "ai":
            return "ai_handling"
        if self.status == Status.PENDING and self.pending_reason == "customer":
            return "waiting_customer"
        return "waiting_human" if self.last_author == "contact" else "waiting_customer"
