"""What messages are made of: who wrote, and the parts they wrote. Used by events and commands."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Wire(BaseModel):
    """The manner of all wire models: immutable, and a reader ignores fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Alias(Wire):
    """One name a platform has for a person.

    `kind` is phone, bsuid, parent_bsuid, psid, igsid, visitor or group: an open word, a new
    platform brings its own.
    """

    kind: str = Field(max_length=32)
    value: str = Field(min_length=1, max_length=256)


class Contact(Wire):
    """The other side of a conversation, as one event names it. Strongest alias first."""

    aliases: tuple[Alias, ...] = Field(min_length=1)
    name: str | None = None
    username: str | None = None


class Media(Wire):
    """A file the platform holds: fetched later by the adapter's media role."""

    ref: str
    mime_type: str | None = None
    sha256: str | None = None
    filename: str | None = None
    size: int | None = None


class Part(Wire):
    """One piece of a message. `kind` is text, image, …: an open word. `data` is the kind's own."""

    kind: str
    text: str | None = None
    media: Media | None = None
    data: dict[str, Any] | None = None


class Problem(Wire):
    """Why a send failed: the verdict of the adapter's error table.

    `kind` is the class of the error (auth, window, throttle, …), `code` the platform's own,
    `message` a sentence for the person who reads it in the inbox.
    """

    kind: str
    message: str
    code: str | None = None
    retryable: bool = False
