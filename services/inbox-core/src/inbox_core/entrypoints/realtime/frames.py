"""The frames of inbox-rt/1, both ways; docs/realtime.md tells their story to client writers.

A frame is one JSON object in one WebSocket text message, `t` is its type. Within proto 1 fields
are only added, and both ends ignore fields they do not know. A client's frame of an unknown type
is a protocol error; a client ignores the server's.
"""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from contracts.changes import ChangeType

ResetReason = Literal["cursor_expired", "epoch", "acl", "server"]
"""cursor_expired: too far behind, or never a place of this log. epoch: the log was made anew."""

MAX_CURSOR_CHARACTERS = 64
MAX_TICKET_CHARACTERS = 2048


class NotAFrame(ValueError):
    """What a client sent is not a frame of this protocol; the sentence names the field."""


class Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


# What a client sends ----------------------------------------------------------------------------


class Resume(Frame):
    """Where the client was: the last cursor it was given."""

    cursor: str = Field(max_length=MAX_CURSOR_CHARACTERS)


class Subs(Frame):
    """What the client wants to hear: the list's rows, and messages.

    `messages` "open" asks for those of the open conversation only, which is enough for a screen;
    a client that says nothing misses nothing.
    """

    list: bool = True
    open: UUID | None = None
    messages: Literal["open", "all"] = "all"


class Hello(Frame):
    """The first frame, within five seconds. Without `resume` the client starts fresh."""

    t: Literal["hello"]
    proto: Literal[1]
    ticket: str = Field(max_length=MAX_TICKET_CHARACTERS)
    resume: Resume | None = None
    subs: Subs = Subs()


class Sub(Frame):
    """Another conversation is open now, or none. Answered by `subbed`."""

    t: Literal["sub"]
    open: UUID | None = None


class Typing(Frame):
    """Somebody types, or has stopped. `note`: an internal note, not a reply."""

    t: Literal["typing"]
    conv: UUID
    on: bool
    note: bool = False


class Ping(Frame):
    """Answered by a `pong` of the same `k`."""

    t: Literal["ping"]
    k: int = 0


Received = Annotated[Hello | Sub | Typing | Ping, Field(discriminator="t")]
_RECEIVED: TypeAdapter[Hello | Sub | Typing | Ping] = TypeAdapter(Received)


def decode(text: str) -> Hello | Sub | Typing | Ping:
    """A client's frame. Raises NotAFrame."""
    try:
        return _RECEIVED.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "frame"
        raise NotAFrame(f"{where}: {first['msg']}") from error


# What the server sends --------------------------------------------------------------------------


class Ready(Frame):
    """`fresh`: fetch the snapshot now, everything past `cursor` follows. `resumed`: a replay does.

    `hb` is how often to ping, in seconds.
    """

    t: Literal["ready"] = "ready"
    conn: str
    hb: int
    cursor: str
    mode: Literal["resumed", "fresh"]


class Live(Frame):
    """The replay of a resumed connection is over."""

    t: Literal["live"] = "live"
    cursor: str


class Ev(Frame):
    """The full state `data` of entity `id` at version `v`; written by batches.py, piece by piece.

    `n` counts from 1 without a hole. `cursor` stands on the last frame of what belongs together:
    whoever keeps it has everything before it. `at` is when it happened, `actor` who did it.
    """

    t: Literal["ev"] = "ev"
    n: int
    cursor: str | None = None
    type: ChangeType
    id: UUID
    v: int
    at: str
    actor: str
    data: dict[str, Any]


class Subbed(Frame):
    """From here on the messages of `open` are sent: fetch the thread after this frame."""

    t: Literal["subbed"] = "subbed"
    open: UUID | None


class Eph(Frame):
    """Droppable, not counted, not replayed. Each ends by itself after `ttl` seconds."""

    t: Literal["eph"] = "eph"
    type: Literal["typing", "viewing"]
    data: dict[str, Any]


class Pong(Frame):
    """`cursor`: how far this client is, also when nothing of late was meant for it."""

    t: Literal["pong"] = "pong"
    k: int
    cursor: str | None = None


class Reset(Frame):
    """What the client has may have holes. A `ready` with mode fresh follows."""

    t: Literal["reset"] = "reset"
    reason: ResetReason


class Err(Frame):
    """The fields of an RFC 9457 problem. The connection closes after it."""

    t: Literal["err"] = "err"
    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str


Sent = Ready | Live | Subbed | Eph | Pong | Reset | Err


def encode(frame: Sent) -> bytes:
    """The frame as JSON, fields without a value left out, but for `subbed`'s `open`."""
    return frame.model_dump_json(exclude_none=not isinstance(frame, Subbed)).encode()
