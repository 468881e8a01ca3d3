"""What a client is told: the types of the server's frames. Written by codec.py."""

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from contracts.parts import Time
from widget_gateway.frames.frame import MAX_TEXT_BYTES, Frame


class Ready(Frame):
    """The socket is open; `history` follows. `hb`: seconds between pings, either way.

    `present`: somebody of the team is there now; left out while that is not known, a frame
    `present` follows. `max_text` in bytes of UTF-8, `max_file` in bytes.
    """

    t: Literal["ready"] = "ready"
    proto: Literal[1] = 1
    hb: int = 25
    present: bool | None = None
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
