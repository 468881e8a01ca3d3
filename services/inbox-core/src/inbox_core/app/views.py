"""What screens and REST are shown: one model an entity, the same object in both places."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from inbox_core.app.ports import Channel
from inbox_core.domain.conversation import Attention, Conversation, Handler
from inbox_core.domain.delivery import Delivery, overall
from inbox_core.domain.identity import Contact
from inbox_core.domain.message import AuthorType, Direction, Kind, Message

StatusWord = Literal["open", "pending", "closed", "archived"]
DeliveryWord = Literal[
    "queued", "sending", "unknown", "sent", "failed", "delivered", "read", "played"
]


class ChannelRef(BaseModel):
    id: UUID
    type: str
    name: str


class ChannelView(BaseModel):
    """A channel account as its workspace sees it: without its secret."""

    id: UUID
    type: str
    account: str
    name: str
    enabled: bool
    version: int


class ContactView(BaseModel):
    """`display_name` is what a screen shows: name, handle, masked phone, or Unnamed."""

    id: UUID
    display_name: str
    name: str | None
    username: str | None
    phone: str | None
    email: str | None
    blocked: bool
    version: int


class Preview(BaseModel):
    text: str
    author_type: AuthorType


class ConversationView(BaseModel):
    """A row of the list, and the head of a thread."""

    id: UUID
    channel: ChannelRef
    contact: ContactView
    kind: str
    status: StatusWord
    pending_reason: str | None
    attention: Attention
    handler: Handler
    assignee_id: UUID | None
    unread_count: int
    read_seq: int
    last_seq: int
    last_inbound_seq: int
    last_message_at: datetime
    preview: Preview
    closed_at: datetime | None
    created_at: datetime
    version: int


class ProblemView(BaseModel):
    """Why a send failed or is uncertain; `message` is for the person who reads it."""

    kind: str
    message: str
    code: str | None = None


class DeliveryView(BaseModel):
    """What became of an outbound message; `unknown` asks a person to decide."""

    state: DeliveryWord
    attempt: int
    changed_at: datetime
    problem: ProblemView | None = None
    retryable: bool


class AuthorView(BaseModel):
    type: AuthorType
    id: str | None
    name: str | None


class PartView(BaseModel):
    """`kind` is text, image, …: an open word; show an unknown one as unsupported."""

    kind: str
    text: str | None = None
    media: dict[str, Any] | None = None
    data: dict[str, Any] | None = None


class ReactionView(BaseModel):
    by: str
    emoji: str


class MessageView(BaseModel):
    """A message of a thread. Order it by (`sent_at`, `seq`); text is text, never markup."""

    id: UUID
    conversation_id: UUID
    seq: int
    direction: Direction
    kind: Kind
    author: AuthorView
    parts: list[PartView]
    client_msg_id: str | None
    reply_to: str | None
    forwarded: bool
    referral: dict[str, Any] | None
    reactions: list[ReactionView] = Field(default_factory=list)
    delivery: DeliveryView | None
    edited_at: datetime | None
    deleted_at: datetime | None
    sent_at: datetime
    created_at: datetime
    version: int


RETRYABLE = frozenset({"failed", "unknown"})


def channel_view(channel: Channel) -> ChannelView:
    return ChannelView(
        id=channel.id,
        type=channel.type,
        account=channel.account,
        name=channel.name,
        enabled=channel.enabled,
        version=channel.version,
    )


def contact_view(contact: Contact) -> ContactView:
    return ContactView(
        id=contact.id,
        display_name=contact.display_name,
        name=contact.name,
        username=contact.username,
        phone=contact.phone,
        email=contact.email,
        blocked=contact.blocked,
        version=contact.version,
    )


def conversation_view(
    conversation: Conversation, contact: Contact, channel: Channel
) -> ConversationView:
    return ConversationView(
        id=conversation.id,
        channel=ChannelRef(id=channel.id, type=channel.type, name=channel.name),
        contact=contact_view(contact),
        kind=conversation.kind,
        status=conversation.status.word,
        pending_reason=conversation.pending_reason,
        attention=conversation.attention,
        handler=conversation.handler,
        assignee_id=conversation.assignee_id,
        unread_count=conversation.unread_count,
        read_seq=conversation.read_seq,
        last_seq=conversation.last_seq,
        last_inbound_seq=conversation.last_inbound_seq,
        last_message_at=conversation.last_message_at,
        preview=Preview(text=conversation.last_preview, author_type=conversation.last_author),
        closed_at=conversation.closed_at,
        created_at=conversation.created_at,
        version=conversation.version,
    )


def message_view(message: Message, deliveries: Sequence[Delivery]) -> MessageView:
    return MessageView(
        id=message.id,
        conversation_id=message.conversation_id,
        seq=message.seq,
        direction=message.direction,
        kind=message.kind,
        author=AuthorView(type=message.author_type, id=message.author_id, name=message.author_name),
        parts=[PartView(**part) for part in message.parts],
        client_msg_id=message.client_msg_id,
        reply_to=message.reply_to,
        forwarded=message.forwarded,
        referral=message.referral,
        reactions=[
            ReactionView(by=by, emoji=reaction["emoji"])
            for by, reaction in sorted(message.reactions.items())
            if reaction["emoji"]
        ],
        delivery=_delivery(deliveries),
        edited_at=message.edited_at,
        deleted_at=message.deleted_at,
        sent_at=message.sent_at,
        created_at=message.created_at,
        version=message.version,
    )


def _delivery(parts: Sequence[Delivery]) -> DeliveryView | None:
    shown = overall(parts)
    if shown is None:
        return None
    problem = shown.problem
    return DeliveryView(
        state=shown.rank.word,
        attempt=shown.attempt,
        changed_at=shown.changed_at,
        problem=ProblemView(
            kind=problem["kind"], message=problem["message"], code=problem.get("code")
        )
        if problem
        else None,
        retryable=shown.rank.word in RETRYABLE,
    )
