"""Events: CloudEvents 1.0 that adapters, and the summarizer later, write on INBOUND.

A JetStream message holds a CloudEvents batch, an array of 1 to 128 (batch.py). Types end in
`.v1`; within a version fields are only added and readers ignore unknown ones. The event names
the channel type and the platform account; inbox-core resolves the workspace.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from contracts.parts import Alias, Contact, Part, Problem, Source, StoredFile, Time, Wire

ChannelType = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
"""A slug: whatsapp, messenger, instagram, widget. inbox-core treats it as opaque."""

DeliveryStatus = Literal["sent", "delivered", "read", "played", "failed"]
SendOutcome = Literal["sent", "failed", "unknown"]


class Envelope(Wire):
    """The CloudEvents attributes. `channel`, `account` and `normalizer` are extensions.

    `time` is when the fact happened by the platform's clock. `normalizer` is the version of the
    function that made the event: a higher one may replace an unsupported row, and only that.
    `renormalized` marks an event made anew of an item that inbox-core kept raw.
    """

    specversion: Literal["1.0"] = "1.0"
    id: str = Field(min_length=1, max_length=1024)
    source: str
    time: Time
    datacontenttype: Literal["application/json"] = "application/json"
    channel: ChannelType
    account: str = Field(min_length=1, max_length=256)
    normalizer: int = 1
    renormalized: bool = False


class Message(Wire):
    """A message of a conversation, inbound or an echo of one sent elsewhere (outbound).

    `notice`: something that happened rather than words; a line in the thread, never unread.
    `history`: from before the channel was connected; it wakes nobody. `standby`: another app
    holds the thread. `via`: where an echo was written, `app` (the platform's own) or an app's id.
    `source`: where the person was; kept of the first message of a conversation.
    """

    external_id: str
    direction: Literal["inbound", "outbound"] = "inbound"
    contact: Contact
    group_id: str | None = None
    parts: tuple[Part, ...] = Field(min_length=1)
    reply_to: str | None = None
    forwarded: bool = False
    referral: dict[str, Any] | None = None
    client_ref: str | None = None
    notice: bool = False
    history: bool = False
    standby: bool = False
    via: str | None = None
    source: Source | None = None


class Edit(Wire):
    """New parts for a message that exists, or has yet to arrive."""

    external_id: str
    contact: Contact | None = None
    parts: tuple[Part, ...] = Field(min_length=1)


class Deletion(Wire):
    """The sender took the message back."""

    external_id: str
    contact: Contact | None = None


class Reaction(Wire):
    """`emoji` None removes it. Outbound: our own, made elsewhere; `contact` names the thread."""

    external_id: str
    contact: Contact
    direction: Literal["inbound", "outbound"] = "inbound"
    emoji: str | None = None


class Delivery(Wire):
    """What became of a message we sent. `client_ref` is our `<message>.<attempt>.<part>`."""

    external_id: str
    status: DeliveryStatus
    client_ref: str | None = None
    recipient: tuple[Alias, ...] = ()
    problem: Problem | None = None


class Watermark(Wire):
    """Everything sent to `contact` up to a moment was delivered or read; `external_ids` too.

    A channel that shows our own threads says it by place: `conversation_id` and `up_to_seq` then
    bound it beside the moment, and cover nothing of another conversation.
    """

    contact: Contact
    status: Literal["delivered", "read"]
    up_to: Time
    external_ids: tuple[str, ...] = ()
    conversation_id: UUID | None = None
    up_to_seq: int | None = Field(default=None, ge=0)


class ContactUpdate(Wire):
    """A person's new names: profile, or aliases that replace `previous` ones.

    `reason` is the platform's word for why: user_changed_number, address_book, preferences, …
    `preferences` are choices the person made: {"marketing_messages": "stop"}.
    """

    contact: Contact
    previous: tuple[Alias, ...] = ()
    reason: str | None = None
    preferences: dict[str, str] = Field(default_factory=dict)


class Rating(Wire):
    """How a person found a conversation of theirs, from 1 to 5; the last word stands."""

    contact: Contact
    conversation_id: UUID
    score: int = Field(ge=1, le=5)
    comment: str | None = Field(default=None, max_length=2000)


class ThreadControl(Wire):
    """Which app holds the thread now. `owner` None: this app, or nobody in particular."""

    contact: Contact
    action: Literal["passed", "taken", "requested"]
    owner: str | None = None
    previous_owner: str | None = None


class AccountHealth(Wire):
    """What news of an account say of its health; None: nothing."""

    state: Literal["active", "restricted", "disabled"] | None = None
    quality: str | None = None
    throughput: str | None = None
    limit: str | None = None
    problem: str | None = None


class Account(Wire):
    """News about the account itself: quality, restriction, a template's fate, a comment."""

    kind: str
    details: dict[str, Any] = Field(default_factory=dict)
    health: AccountHealth | None = None


class Unsupported(Wire):
    """An authentic item nobody here understands yet. `raw` is its JSON text as it came.

    With a contact it belongs to a conversation and is shown there as unsupported. `why` is
    unknown_kind, malformed or oversized. `beside`: JSON text of what stood around the item and a
    later normalizer needs (adapter.items.Beside).
    """

    kind: str
    raw: str
    beside: str | None = None
    direction: Literal["inbound", "outbound"] = "inbound"
    why: Literal["unknown_kind", "malformed", "oversized"] = "unknown_kind"
    external_id: str | None = None
    contact: Contact | None = None
    group_id: str | None = None


class SendResult(Wire):
    """What one provider call came to. `command_id` is `<message>.<attempt>.<part>`."""

    command_id: str
    outcome: SendOutcome
    external_id: str | None = None
    problem: Problem | None = None


class MediaResult(Wire):
    """What became of a FetchMedia command: a file, or the problem that stood in its way."""

    workspace_id: UUID
    message_id: UUID
    part: int
    attempt: int
    file: StoredFile | None = None
    problem: Problem | None = None


class ProfileResult(Wire):
    """What became of a FetchProfile command. No name and no problem: the platform shows none."""

    workspace_id: UUID
    identity_id: UUID
    name: str | None = None
    username: str | None = None
    avatar: StoredFile | None = None
    problem: Problem | None = None


class ActionResult(Wire):
    """An action that failed, so that the screen stops showing what is not so."""

    command_id: str
    workspace_id: UUID
    conversation_id: UUID
    action: str
    external_id: str | None = None
    problem: Problem


class MessageEvent(Envelope):
    type: Literal["sluice.message.v1"] = "sluice.message.v1"
    data: Message


class EditEvent(Envelope):
    type: Literal["sluice.edit.v1"] = "sluice.edit.v1"
    data: Edit


class DeletionEvent(Envelope):
    type: Literal["sluice.deletion.v1"] = "sluice.deletion.v1"
    data: Deletion


class ReactionEvent(Envelope):
    type: Literal["sluice.reaction.v1"] = "sluice.reaction.v1"
    data: Reaction


class DeliveryEvent(Envelope):
    type: Literal["sluice.delivery.v1"] = "sluice.delivery.v1"
    data: Delivery


class WatermarkEvent(Envelope):
    type: Literal["sluice.watermark.v1"] = "sluice.watermark.v1"
    data: Watermark


class ContactEvent(Envelope):
    type: Literal["sluice.contact.v1"] = "sluice.contact.v1"
    data: ContactUpdate


class RatingEvent(Envelope):
    type: Literal["sluice.rating.v1"] = "sluice.rating.v1"
    data: Rating


class ThreadControlEvent(Envelope):
    type: Literal["sluice.thread_control.v1"] = "sluice.thread_control.v1"
    data: ThreadControl


class AccountEvent(Envelope):
    type: Literal["sluice.account.v1"] = "sluice.account.v1"
    data: Account


class UnsupportedEvent(Envelope):
    type: Literal["sluice.unsupported.v1"] = "sluice.unsupported.v1"
    data: Unsupported


class SendResultEvent(Envelope):
    type: Literal["sluice.send_result.v1"] = "sluice.send_result.v1"
    data: SendResult


class MediaResultEvent(Envelope):
    type: Literal["sluice.media_result.v1"] = "sluice.media_result.v1"
    data: MediaResult


class ProfileResultEvent(Envelope):
    type: Literal["sluice.profile_result.v1"] = "sluice.profile_result.v1"
    data: ProfileResult


class ActionResultEvent(Envelope):
    type: Literal["sluice.action_result.v1"] = "sluice.action_result.v1"
    data: ActionResult


Event = Annotated[
    MessageEvent
    | EditEvent
    | DeletionEvent
    | ReactionEvent
    | DeliveryEvent
    | WatermarkEvent
    | ContactEvent
    | RatingEvent
    | ThreadControlEvent
    | AccountEvent
    | UnsupportedEvent
    | SendResultEvent
    | MediaResultEvent
    | ProfileResultEvent
    | ActionResultEvent,
    Field(discriminator="type"),
]
"""Everything that may stand on INBOUND."""


def source(channel: str, account: str) -> str:
    """The CloudEvents `source` of a platform account."""
    return f"/channels/{channel}/{account}"
