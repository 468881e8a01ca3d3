"""News: what travels between gateways on core NATS, on `contracts.subjects.visitor`. Droppable.

Told by deliver.py (answers, typing, refreshes), by lines (echoes) and by sessions (ended); heard by
hub.py for the lines of its process. History makes good whatever is lost. Within these kinds fields
are only added; a kind that is not known is ignored, so that releases can differ side by side.
"""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError

from contracts.parts import Part, Time, Wire
from widget_gateway.lines.metrics import NEWS

MAX_BYTES = 256 * 1024
"""Of one: a text of an answer is at most 80 KB, and what is longer is told by history alone."""


class PartNews(Wire):
    """One part of an answer was sent. `id` is its command's: the same in every repeat."""

    t: Literal["part"] = "part"
    id: str
    conversation: UUID
    message: UUID
    seq: int
    at: Time
    by: Literal["user", "ai", "system"]
    author: str | None = None
    index: int
    of: int
    part: Part


class EchoNews(Wire):
    """The visitor wrote a message; `line` is where, `id` the client's own.

    `visitor`: the id of the browser that wrote it. A user's other devices hear it too, and cannot
    tell by `id` what history shows them of it.
    """

    t: Literal["echo"] = "echo"
    line: str
    visitor: str = ""
    id: str
    at: Time
    parts: tuple[Part, ...]


class TypingNews(Wire):
    """Somebody of the team writes, or stopped."""

    t: Literal["typing"] = "typing"
    on: bool
    author: str | None = None


class RefreshNews(Wire):
    """What the visitor may see has changed: ask for it."""

    t: Literal["refresh"] = "refresh"


class EndedNews(Wire):
    """A session of the visitor has ended."""

    t: Literal["ended"] = "ended"
    session: str


News = PartNews | EchoNews | TypingNews | RefreshNews | EndedNews
_NEWS: TypeAdapter[News] = TypeAdapter(Annotated[News, Field(discriminator="t")])
REFRESH = RefreshNews()


def encode(news: News) -> bytes:
    """As it goes on the wire; what is too long for it becomes a refresh."""
    body = news.__pydantic_serializer__.to_json(news, exclude_none=True)
    return body if len(body) <= MAX_BYTES else encode(REFRESH)


def decode(body: bytes) -> News | None:
    """None, counted, for what this release does not know."""
    try:
        return _NEWS.validate_json(body)
    except ValidationError:
        NEWS.add(("other", "ignored"))
        return None


def ended(session: str) -> bytes:
    """Closes the sockets of a session wherever they are."""
    return encode(EndedNews(session=session))
