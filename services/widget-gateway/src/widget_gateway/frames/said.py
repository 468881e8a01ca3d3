"""What a client sends: the types of its frames, with the bounds of each field. Read by codec.py."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from contracts.parts import Time
from widget_gateway.frames.frame import Frame

MAX_PARTS = 10
MAX_CURSORS = 50

ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{16,64}$")]
"""The client's own id of a message, the same in every attempt: a UUID, say."""
Seq = Annotated[int, Field(ge=0, lt=2**31)]
Cursors = Annotated[dict[UUID, Seq], Field(max_length=MAX_CURSORS)]
"""Conversation → the last `seq` of it that the client has, nothing before it missing."""


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
