"""What screens and REST are shown: one model an entity, the same object in both places."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from contracts.parts import Time
from inbox_core.app.health import ChannelHealth, HealthView, health_view
from inbox_core.app.pieces import DEGRADED
from inbox_core.app.ports import Channel
from inbox_core.app.problem import ProblemView, problem_view
from inbox_core.app.window import State as WindowState
from inbox_core.app.window import window_of
from inbox_core.domain.conversation import Attention, Conversation, Handler
from inbox_core.domain.delivery import ASKS, Delivery, overall
from inbox_core.domain.identity import Contact, Identity, LeadStatus
from inbox_core.domain.media import State as MediaState
from inbox_core.domain.media import shown_state
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
    """A channel account as its workspace sees it: without its secret.

    `config`: what else its adapter knows it by. `parent`: the account above it at the platform.
    """

    id: UUID
    type: str
    account: str
    name: str
    enabled: bool
    config: dict[str, str]
    parent: str | None
    health: HealthView
    version: int


class ContactView(BaseModel):
    """`display_name` is what a screen shows: name, handle, masked phone, or Unnamed.

    `external_id`: by which the business's own system knows them, by its own proof; null: nobody has
    vouched for them. A name or an email that is not `_proven` is what somebody said, no more.
    `lead_status` null: no lead. `blocked`: what they write wakes nobody, and nobody answers.
    """

    id: UUID
    external_id: str | None
    display_name: str
    name: str | None
    name_proven: bool
    username: str | None
    phone: str | None
    email: str | None
    email_proven: bool
    blocked: bool
    lead_status: LeadStatus | None
    avatar_file_id: UUID | None
    version: int


class Preview(BaseModel):
    text: str
    author_type: AuthorType


class WindowView(BaseModel):
    """Whether the customer may be answered now.

    `open`: by anybody; `human_agent`: by a person, not by AI; `template_only`; `closed`.
    `closes_at`: when that ends, or, for the last two, when answering ended; null: not known.
    """

    state: WindowState
    closes_at: Time | None


class CsatView(BaseModel):
    """How the conversation was found, from 1 to 5."""

    score: int
    by: Literal["customer"]
    comment: str | None
    at: Time


class ConversationView(BaseModel):
    """A row of the list, and the head of a thread.

    `reply_window` null: this channel may be answered at any time. `thread_owner`: the other app
    that holds the thread at the platform; null: none. `csat` null: nobody has said how it was.
    """

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
    last_message_at: Time
    preview: Preview
    reply_window: WindowView | None
    thread_owner: str | None
    csat: CsatView | None
    closed_at: Time | None
    created_at: Time
    version: int


class DeliveryView(BaseModel):
    """What became of an outbound message; `unknown` asks a person to decide."""

    state: DeliveryWord
    attempt: int
    changed_at: Time
    problem: ProblemView | None = None
    retryable: bool


class AuthorView(BaseModel):
    type: AuthorType
    id: str | None
    name: str | None


class DegradedView(BaseModel):
    """What was meant (`from`), and why the channel carried something less."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    source: str = Field(alias="from")
    why: str


class MediaView(BaseModel):
    """A file of a message, to be fetched by its `file_id` once it is `ready`.

    `pending`: on its way. `failed`: see `problem`; a person may retry. `link`: the platform shows
    it at `url` until `expires_at`, we keep no copy. `purged`: it is gone.
    """

    state: MediaState
    file_id: UUID | None = None
    mime_type: str | None = None
    size: int | None = None
    filename: str | None = None
    url: str | None = None
    expires_at: Time | None = None
    problem: ProblemView | None = None


class PartView(BaseModel):
    """`kind` is text, image, …: an open word; show an unknown one as unsupported."""

    kind: str
    text: str | None = None
    media: MediaView | None = None
    data: dict[str, Any] | None = None
    degraded: list[DegradedView] = Field(default_factory=list)


class ReactionView(BaseModel):
    """`by` is a name of the customer, or `us`: then `name` says who of us."""

    by: str
    emoji: str
    name: str | None = None


class MessageView(BaseModel):
    """A message of a thread. Order it by (`sent_at`, `seq`); text is text, never markup.

    `kind` event: a line that tells what happened. `hidden`: take it away, it is no message now.
    `blocked`: the contact was blocked when it came; it counts as nothing new.
    """

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
    edited_at: Time | None
    deleted_at: Time | None
    hidden: bool
    blocked: bool
    sent_at: Time
    created_at: Time
    version: int


TOKENS = "tokens"
"""Key of a part's data: what gives rights at the platform is shown to nobody."""


def channel_view(channel: Channel, health: ChannelHealth, now: datetime) -> ChannelView:
    return ChannelView(
        id=channel.id,
        type=channel.type,
        account=channel.account,
        name=channel.name,
        enabled=channel.enabled,
        config=dict(channel.config),
        parent=channel.parent,
        health=health_view(health, now, enabled=channel.enabled),
        version=channel.version,
    )


def contact_view(contact: Contact) -> ContactView:
    return ContactView(
        id=contact.id,
        external_id=contact.external_id,
        display_name=contact.display_name,
        name=contact.name,
        name_proven=contact.name_proven,
        username=contact.username,
        phone=contact.phone,
        email=contact.email,
        email_proven=contact.email_proven,
        blocked=contact.blocked,
        lead_status=contact.lead_status,
        avatar_file_id=contact.avatar_file_id,
        version=contact.version,
    )


def conversation_view(
    conversation: Conversation,
    contact: Contact,
    channel: Channel,
    identity: Identity,
    now: datetime,
) -> ConversationView:
    window = window_of(channel.can, identity, now)
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
        reply_window=WindowView(state=window.state, closes_at=window.closes_at) if window else None,
        thread_owner=conversation.thread_owner,
        csat=_csat(conversation),
        closed_at=conversation.closed_at,
        created_at=conversation.created_at,
        version=conversation.version,
    )


def _csat(conversation: Conversation) -> CsatView | None:
    score, at = conversation.csat_customer, conversation.csat_customer_at
    if score is None or at is None:
        return None
    comment = conversation.csat_customer_comment
    return CsatView(score=score, by="customer", comment=comment, at=at)


def message_view(message: Message, deliveries: Sequence[Delivery]) -> MessageView:
    return MessageView(
        id=message.id,
        conversation_id=message.conversation_id,
        seq=message.seq,
        direction=message.direction,
        kind=message.kind,
        author=AuthorView(type=message.author_type, id=message.author_id, name=message.author_name),
        parts=[_part(part) for part in message.parts],
        client_msg_id=message.client_msg_id,
        reply_to=message.reply_to,
        forwarded=message.forwarded,
        referral=message.referral,
        reactions=[
            ReactionView(by=by, emoji=reaction["emoji"], name=reaction.get("name"))
            for by, reaction in sorted(message.reactions.items())
            if reaction["emoji"]
        ],
        delivery=_delivery(deliveries),
        edited_at=message.edited_at,
        deleted_at=message.deleted_at,
        hidden=message.hidden,
        blocked=message.blocked,
        sent_at=message.sent_at,
        created_at=message.created_at,
        version=message.version,
    )


def _delivery(parts: Sequence[Delivery]) -> DeliveryView | None:
    shown = overall(parts)
    if shown is None:
        return None
    return DeliveryView(
        state=shown.state.word,
        attempt=shown.attempt,
        changed_at=shown.changed_at,
        # What was read in spite of it is no problem any more.
        problem=problem_view(shown.problem) if shown.state in ASKS else None,
        retryable=shown.state in ASKS,
    )


def _part(part: dict[str, Any]) -> PartView:
    media = part.get("media")
    data = dict(part.get("data") or {})
    notes = data.pop(DEGRADED, ())
    data.pop(TOKENS, None)
    return PartView(
        kind=part["kind"],
        text=part.get("text"),
        media=_media(media) if media else None,
        data=data or None,
        degraded=[DegradedView(source=note["from"], why=note["why"]) for note in notes],
    )


def _media(media: dict[str, Any]) -> MediaView:
    """Never the platform's own `ref`, nor its address of a file we copy: they may hold tokens.

    Whether a link has expired is asked of the clock now, when somebody looks.
    """
    state = shown_state(media, datetime.now(UTC))
    return MediaView(
        state=state,
        file_id=media.get("file_id"),
        mime_type=media.get("mime_type"),
        size=media.get("size"),
        filename=media.get("filename"),
        url=_link(media) if state == "link" else None,
        expires_at=media.get("expires_at"),
        problem=problem_view(media.get("problem")),
    )


def _link(media: dict[str, Any]) -> str | None:
    """An address a browser may be given: https and nothing else."""
    url = str(media.get("url") or media["ref"])
    return url if url.startswith("https://") else None
