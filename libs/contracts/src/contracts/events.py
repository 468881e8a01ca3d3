"""Events: CloudEvents 1.0 that adapters, and the summarizer later, write on INBOUND.

A JetStream message holds a CloudEvents batch, an array of 1 to 128 (batch.py). Types end in
`.v1`; within a version fields are only added and readers ignore unknown ones. The event names
the channel type and the platform account; inbox-core resolves the workspace.
"""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer

from contracts.parts import Alias, Contact, Part, Problem, Wire


def rfc3339(moment: datetime) -> str:
    """How every time is written on the wire: in UTC, with milliseconds and a Z."""
    # Once an event on the hot path: most times are in UTC already.
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds")[:-6] + "Z"


Time = Annotated[datetime, PlainSerializer(rfc3339, return_type=str, when_used="json")]
"""RFC 3339 in UTC with milliseconds."""

ChannelType = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
"""A slug: whatsapp, messenger, instagram, widget. inbox-core treats it as opaque."""

DeliveryStatus = Literal["sent", "delivered", "read", "played", "failed"]
SendOutcome = Literal["sent", "failed", "unknown"]


class Envelope(Wire):
    """The CloudEvents attributes. `channel`, `account` and `normalizer` are extensions.

    `time` is when the fact happened by the platform's clock. `normalizer` is the version of the
    function that made the event: a higher one may replace an unsupported row, and only that.
    """

    specversion: Literal["1.0"] = "1.0"
    id: str = Field(min_length=1, max_length=1024)
    source: str
    time: Time
    datacontenttype: Literal["application/json"] = "application/json"
    channel: ChannelType
    account: str = Field(min_length=1, max_length=256)
    normalizer: int = 1


class Message(Wire):
    """A message of a conversation, inbound or an echo of one sent elsewhere (outbound)."""

    external_id: str
    direction: Literal["inbound", "outbound"] = "inbound"
    contact: Contact
    group_id: str | None = None
    parts: tuple[Part, ...] = Field(min_length=1)
    reply_to: str | None = None
    forwarded: bool = False
    referral: dict[str, Any] | None = None
    client_ref: str | None = None


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
    """`emoji` None removes the reaction."""

    external_id: str
    contact: Contact
    emoji: str | None = None


class Delivery(Wire):
    """What became of a message we sent. `client_ref` is our `<message>.<attempt>.<part>`."""

    external_id: str
    status: DeliveryStatus
    client_ref: str | None = None
    recipient: tuple[Alias, ...] = ()
    problem: Problem | None = None


class ContactUpdate(Wire):
    """A person's new names: profile, or aliases that replace `previous` ones."""

    contact: Contact
    previous: tuple[Alias, ...] = ()


class ThreadControl(Wire):
    """Which app holds the thread now."""

    contact: Contact
    action: Literal["passed", "taken", "requested"]
    owner: str | None = None


class Account(Wire):
    """News about the account itself: quality, restriction, a template's fate."""

    kind: str
    details: dict[str, Any] = Field(default_factory=dict)


class Unsupported(Wire):
    """An authentic item nobody here understands yet. `raw` is its JSON text as it came.

    With a contact it belongs to a conversation and is shown there as unsupported. `why` is
    unknown_kind, malformed or oversized.
    """

    kind: str
    raw: str
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


class ContactEvent(Envelope):
    type: Literal["sluice.contact.v1"] = "sluice.contact.v1"
    data: ContactUpdate


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


Event = Annotated[
    MessageEvent
    | EditEvent
    | DeletionEvent
    | ReactionEvent
    | DeliveryEvent
    | ContactEvent
    | ThreadControlEvent
    | AccountEvent
    | UnsupportedEvent
    | SendResultEvent,
    Field(discriminator="type"),
]
"""Everything that may stand on INBOUND."""


def source(channel: str, account: str) -> str:
    """The CloudEvents `source` of a platform account."""
    return f"/channels/{channel}/{account}"
