"""What messages are made of: who wrote, and the parts they wrote. Used by events and commands."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema


def rfc3339(moment: datetime) -> str:
    """How every time is written on the wire: in UTC, with milliseconds and a Z."""
    # Once an event on the hot path: most times are in UTC already.
    utc = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return utc.isoformat(timespec="milliseconds")[:-6] + "Z"


Time = Annotated[
    datetime,
    PlainSerializer(rfc3339, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""RFC 3339 in UTC with milliseconds: of one width, so that times sort as text."""


class Wire(BaseModel):
    """The manner of all wire models: immutable, and a reader ignores fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Alias(Wire):
    """One name a platform has for a person.

    `kind` is phone, bsuid, parent_bsuid, psid, igsid, visitor, group, …: an open word, a new
    platform brings its own.
    """

    kind: str = Field(max_length=32)
    value: str = Field(min_length=1, max_length=256)


class Contact(Wire):
    """The other side of a conversation, as one event names it. Strongest alias first.

    `email` and `phone` are what the person said of themself in a form: a lead, never a proof.
    `name_proven`, `email_proven`: the business itself vouches for it, so it replaces what was said.
    `external_id`: by which the business's own system knows the person; it is always vouched for.
    """

    aliases: tuple[Alias, ...] = Field(min_length=1)
    external_id: str | None = Field(default=None, max_length=256)
    name: str | None = None
    name_proven: bool | None = None
    username: str | None = None
    email: str | None = Field(default=None, max_length=254)
    email_proven: bool | None = None
    phone: str | None = Field(default=None, max_length=32)


class StoredFile(Wire):
    """A file in the filestore. `sha256` in hex, `size` in bytes, `mime_type` sniffed."""

    key: str = Field(max_length=512)
    mime_type: str
    size: int
    sha256: str
    filename: str | None = None


class Media(Wire):
    """A file. Inbound: one the platform holds, fetched later by the adapter's media role.

    `ref`: the platform's id or address of it; outbound `file:<key>` in the filestore, or an https
    link. `url`: a short-lived hint where it lies. `sha256` as the platform writes it, base64 or
    hex. `policy` link: never copied (a story, which is its owner's), shown until `expires_at`.
    `stored`: it lies in the filestore already, and nobody needs to fetch it.
    """

    ref: str = Field(min_length=1, max_length=4096)
    url: str | None = Field(default=None, max_length=4096)
    mime_type: str | None = None
    sha256: str | None = None
    filename: str | None = None
    size: int | None = None
    policy: Literal["copy", "link"] = "copy"
    expires_at: Time | None = None
    stored: StoredFile | None = None


class Part(Wire):
    """One piece of a message. `kind` is an open word, KINDS says which are understood.

    `text` is the words a person reads: of a file its caption, of a choice its title.
    """

    kind: str
    text: str | None = None
    media: Media | None = None
    data: dict[str, Any] | None = None


KINDS: dict[str, str] = {
    # kind: what `data` holds
    "text": "product? {…} when it asks about one; preview_url? bool",
    "image": "media, caption in text",
    "video": "media, caption in text",
    "audio": "media; voice? true for a voice note",
    "document": "media, caption in text",
    "sticker": "media; animated? bool, sticker_id?",
    "location": "latitude, longitude (numbers), name?, address?, url?",
    "contacts": "contacts: [{name, phones: [{phone, type?, wa_id?}], emails?, org?, …}]",
    "choice": "a press: id (its payload), source: button | list | template | quick_reply | "
    "postback, description?; the title in text",
    "form": "a filled form: name, response {…} or its text as it came",
    "order": "catalog_id, items: [{id, quantity, price, currency}]; a note in text",
    "product": "id, catalog_id?, title?, image?",
    "post": "a shared post: id?, title?, url; with media where it may be copied",
    "reel": "as post",
    "story_mention": "url; media of policy link",
    "story_reply": "the story answered: id?, url; the words in text",
    "link": "url?, title?: a preview the platform made",
    "call": "direction, state: ringing | connected | ended | missed | rejected, duration_s?",
    "call_permission": "response, expires_at?, source?",
    "appointment": "as the platform has it",
    "like": "a heart with no words",
    "notice": "name: what happened (welcome, referral, optin, number_changed, …) and its facts; "
    "tokens? {…} what gives rights at the platform, shown to nobody",
    # outbound alone
    "buttons": "buttons: [{id, title}], header?, footer?; the question in text",
    "list": "button, sections: [{title?, rows: [{id, title, description?}]}], header?, footer?",
    "link_button": "title, url, header?, footer?; the words in text",
    "template": "name, language, components? as the platform has them; a preview in text",
    "platform": "type and fields of a message as the platform itself documents them",
    "unsupported": "kind, why",
}
"""kind → its data. Every reader shows a kind it does not know as unsupported."""


class Source(Wire):
    """Where a person was when they began to write: of a channel that stands on web pages.

    Addresses without credentials, fragments and secret query values. `ip` is the network alone,
    203.0.113.0/24 or 2001:db8:1::/48; `ip_sealed` the whole address, sealed by vault's ring
    `visitors` at (workspace, `visitor_ips`, `ip_id`, `ip`), for a table no API reads.
    """

    page_url: str | None = Field(default=None, max_length=2048)
    page_title: str | None = Field(default=None, max_length=256)
    referrer: str | None = Field(default=None, max_length=2048)
    utm: dict[str, str] = Field(default_factory=dict, max_length=8)
    language: str | None = Field(default=None, max_length=35)
    time_zone: str | None = Field(default=None, max_length=64)
    screen: str | None = Field(default=None, max_length=32)
    user_agent: str | None = Field(default=None, max_length=512)
    ip: str | None = Field(default=None, max_length=49)
    ip_id: UUID | None = None
    ip_sealed: str | None = Field(default=None, max_length=1024)


class Problem(Wire):
    """Why a send failed: the verdict of the adapter's error table.

    `kind` is the class of the error (auth, window, throttle, …), `code` the platform's own,
    `message` a sentence for the person who reads it in the inbox.
    """

    kind: str
    message: str
    code: str | None = None
    retryable: bool = False
