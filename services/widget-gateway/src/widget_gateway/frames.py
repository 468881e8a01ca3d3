"""The frames of widget-rt/1, both ways; docs/widget/protocol.md tells their story.

A frame is one JSON object, `t` is its type. They travel in WebSocket text messages, or in the
bodies of the long poll, and mean the same in both. Within proto 1 fields are only added, and both
ends ignore fields they do not know. A client's frame of an unknown type is a protocol error; a
client ignores the server's.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from contracts.parts import Time

MAX_FRAME_BYTES = 64 * 1024
"""Of a socket's text message. What is longer goes by POST."""
MAX_POSTED_BYTES = 2 * 1024 * 1024 + 64 * 1024
"""Of a posted frame: a text of MAX_TEXT_BYTES whose every second byte JSON escapes."""
MAX_TEXT_BYTES = 1024 * 1024
"""Of all texts of a message, in UTF-8."""
MAX_PARTS = 10
MAX_CURSORS = 50

ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
"""The client's own id of a message, the same in every attempt: a UUID, say."""
Seq = Annotated[int, Field(ge=0, lt=2**31)]
Cursors = Annotated[dict[UUID, Seq], Field(max_length=MAX_CURSORS)]
"""Conversation → the last `seq` of it that the client has, nothing before it missing."""


class NotAFrame(ValueError):
    """What a client sent is not a frame of this protocol; the sentence names the field."""


class Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


# What a client sends ----------------------------------------------------------------------------


def _first(most: int) -> BeforeValidator:
    """What is too long is cut: no word is refused for the page it was written on."""
    return BeforeValidator(lambda value: value[:most] if isinstance(value, str) else value)


Address = Annotated[str, _first(4096)]


class Page(Frame):
    """Where the visitor is; cleaned by source.py before anybody sees it.

    `landing`: where this visit to the site began, whose campaign counts, and `referrer` what led
    there.
    """

    url: Address | None = None
    title: Annotated[str, _first(512)] | None = None
    landing: Address | None = None
    referrer: Address | None = None
    language: Annotated[str, _first(35)] | None = None
    time_zone: Annotated[str, _first(64)] | None = None
    screen: Annotated[str, _first(32)] | None = None


class Hello(Frame):
    """A socket's first frame, within five seconds. `cursors` {}: the client knows nothing."""

    t: Literal["hello"]
    proto: Literal[1]
    token: str = Field(max_length=2048)
    cursors: Cursors = Field(default_factory=dict)


class TextPart(Frame):
    kind: Literal["text"]
    text: str = Field(min_length=1)


class FilePart(Frame):
    """A file uploaded before; `file` is the handle its upload was answered with."""

    kind: Literal["file"]
    file: str = Field(max_length=2048)


SaidPart = Annotated[TextPart | FilePart, Field(discriminator="kind")]


class Lead(Frame):
    """What the visitor filled in before the chat. Their word, proven by nothing."""

    name: str | None = Field(default=None, max_length=128)
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, max_length=32)


class Say(Frame):
    """A message. Answered by `taken`, then `accepted`; or by `refused`.

    A repeat brings the `at` and `mark` that `taken` gave it. `after`: the `at` of the visitor's
    message before this one, which it then is not older than. `page`: when it begins a conversation.
    """

    t: Literal["message"]
    id: ClientId
    parts: tuple[SaidPart, ...] = Field(min_length=1, max_length=MAX_PARTS)
    at: Time | None = None
    mark: str | None = Field(default=None, max_length=64)
    after: Time | None = None
    lead: Lead | None = None
    page: Page | None = None


class Ack(Frame):
    """The client has (`delivered`), or the visitor has seen (`read`), all up to these places.

    `at` is the time of the message at the further place.
    """

    t: Literal["ack"]
    conversation: UUID
    at: Time
    delivered: Seq | None = None
    read: Seq | None = None


class TypingNow(Frame):
    """At most once in three seconds; a mark of the server's ends by itself after six."""

    t: Literal["typing"]
    on: bool


class Rate(Frame):
    """Stars for a closed conversation, where the site asks for them. Answered by `accepted`."""

    t: Literal["rate"]
    id: ClientId
    conversation: UUID
    score: int = Field(ge=1, le=5)
    comment: str | None = Field(default=None, max_length=2000)


class Older(Frame):
    """Asks for what was said before `before`. Answered by `older`."""

    t: Literal["older"]
    conversation: UUID
    before: Seq


class Ping(Frame):
    t: Literal["ping"]
    k: int = Field(ge=0, lt=2**53)


ClientFrame = Annotated[
    Hello | Say | Ack | TypingNow | Rate | Older | Ping, Field(discriminator="t")
]

# What a client is told --------------------------------------------------------------------------


class Ready(Frame):
    """The socket is open; `history` follows. `hb`: seconds between pings, either way.

    `present`: somebody of the team is there now. `max_text` in bytes of UTF-8, `max_file` in bytes.
    """

    t: Literal["ready"] = "ready"
    proto: Literal[1] = 1
    hb: int = 25
    present: bool
    max_text: int = MAX_TEXT_BYTES
    max_file: int


class FileView(Frame):
    """`url`: without a token, good for a day at least. A client that knows it longer asks anew."""

    url: str | None
    name: str | None = None
    mime_type: str | None = None
    size: int | None = None


class PartView(Frame):
    """`kind` is an open word (contracts.parts.KINDS); of an unknown one show `text`, if any."""

    kind: str
    text: str | None = None
    file: FileView | None = None
    data: dict[str, Any] | None = None


class MessageView(Frame):
    """A message. Order by (`at`, `seq`); merge by `id`, and by `client` with one's own."""

    id: UUID
    conversation: UUID
    seq: int
    at: Time
    by: Literal["contact", "user", "ai", "system"]
    author: str | None = None
    client: str | None = None
    parts: tuple[PartView, ...] = ()
    deleted: bool = False


class ThreadView(Frame):
    """`seen`: how far the team has read. `ask`: stars are wanted. `rating`: those given."""

    id: UUID
    open: bool
    last: int
    seen: int
    at: Time
    ask: bool = False
    rating: int | None = None


class History(Frame):
    """What is new past the cursors. `cursors`: the new ones. `more`: another follows at once."""

    t: Literal["history"] = "history"
    threads: tuple[ThreadView, ...] = ()
    messages: tuple[MessageView, ...] = ()
    cursors: dict[UUID, int] = Field(default_factory=dict)
    more: bool = False


class OlderPage(Frame):
    """Answer to `older`. `end`: there is nothing before it."""

    t: Literal["older"] = "older"
    conversation: UUID
    messages: tuple[MessageView, ...] = ()
    end: bool


class Live(Frame):
    """One part of an answer, the moment it was sent; the next `history` tells it again, whole."""

    t: Literal["part"] = "part"
    conversation: UUID
    message: UUID
    seq: int
    at: Time
    by: Literal["user", "ai", "system"]
    author: str | None = None
    index: int
    of: int
    part: PartView


class Echo(Frame):
    """A message the visitor wrote on another of their sockets, accepted there."""

    t: Literal["echo"] = "echo"
    id: str
    at: Time
    parts: tuple[PartView, ...]


class Taken(Frame):
    """The message has its time, and is not safe yet. Both fields go into every repeat of it."""

    t: Literal["taken"] = "taken"
    id: str
    at: Time
    mark: str


class Accepted(Frame):
    """Durable: it will be shown to the team, once, whatever happens now."""

    t: Literal["accepted"] = "accepted"
    id: str
    at: Time


class Refused(Frame):
    """`retry_s`: send the same again after so many seconds; None: it can never be accepted."""

    t: Literal["refused"] = "refused"
    id: str | None
    code: str
    message: str
    retry_s: float | None = None


class TypingThere(Frame):
    """Somebody of the team writes; ends by itself after `ttl` seconds."""

    t: Literal["typing"] = "typing"
    on: bool
    author: str | None = None
    ttl: int = 6


class Present(Frame):
    t: Literal["present"] = "present"
    present: bool


class Unavailable(Frame):
    """The chat is closed to this visitor for now. Nothing else follows."""

    t: Literal["unavailable"] = "unavailable"
    message: str


class Pong(Frame):
    t: Literal["pong"] = "pong"
    k: int


ServerFrame = (
    Ready | History | OlderPage | Live | Echo | Taken | Accepted | Refused | TypingThere | Present
    | Unavailable | Pong
)  # fmt: skip

_CLIENT: TypeAdapter[ClientFrame] = TypeAdapter(ClientFrame)


def read(raw: str | bytes) -> ClientFrame:
    """A client's frame. Raises NotAFrame, naming the field and quoting nothing."""
    try:
        return _CLIENT.validate_json(raw)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "frame"
        raise NotAFrame(f"{where}: {first['msg']}") from None


def write(frame: Frame) -> bytes:
    """A frame as JSON, empty fields left out."""
    return frame.__pydantic_serializer__.to_json(frame, exclude_none=True)
