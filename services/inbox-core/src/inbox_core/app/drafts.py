"""Drafts: what a person asks to send, part by part, before it meets what the channel can do.

The bodies of `POST …/messages` (entrypoints/http/models.py) are made of them; app.compose turns
them into parts. Strict: an unknown field is a mistake. Bounds here are those of common sense; a
channel's own are in its Capabilities.
"""

from collections.abc import Sequence
from typing import Annotated, Literal, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

MAX_TEXT = 20_000
"""Characters of one message, over all its parts. What a channel takes at once may be less."""
MAX_DRAFTS = 10
MAX_OPTIONS = 50
"""Buttons, or rows over all sections."""

Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT, pattern=r"\S")]
Line = Annotated[
    str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*[^\x00-\x20][^\x00-\x1f]*$")
]
OptionId = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]
HttpsUrl = Annotated[
    str,
    Field(max_length=2048, pattern=r"^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?([/?#][\x21-\x7e]*)?$"),
]
Menu = TypeVar("Menu")
MediaKind = Literal["image", "video", "audio", "document", "sticker"]


class Draft(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class TextDraft(Draft):
    """Words. Longer ones than the channel takes go as several messages."""

    type: Literal["text"]
    text: Text


class FileDraft(Draft):
    """A file: one uploaded before (`file_id`), or one the platform fetches itself (`url`).

    `kind` says how it is shown; left out, its type decides. A `url` needs it.
    """

    type: Literal["file"]
    file_id: UUID | None = None
    url: HttpsUrl | None = None
    kind: MediaKind | None = None
    caption: Text | None = None
    voice: bool = False

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.file_id is None) == (self.url is None):
            raise ValueError("either file_id or url")
        if self.url is not None and self.kind is None:
            raise ValueError("a url needs its kind")
        return self


def _told_apart(draft: Menu, ids: Sequence[str]) -> Menu:
    """A choice comes back by its id alone."""
    if len(ids) > MAX_OPTIONS:
        raise ValueError(f"more than {MAX_OPTIONS} options")
    if len(set(ids)) < len(ids):
        raise ValueError("two options with the same id")
    return draft


class Option(Draft):
    """`id` comes back with the choice; `title` is what the customer reads."""

    id: OptionId
    title: Line
    description: Line | None = None


class Button(Draft):
    id: OptionId
    title: Line


class Framed(Draft):
    """A question, with a line above and one below it."""

    text: Text
    header: Line | None = None
    footer: Line | None = None


class ButtonsDraft(Framed):
    """A question and buttons to answer it with."""

    type: Literal["buttons"]
    buttons: Annotated[list[Button], Field(min_length=1, max_length=MAX_OPTIONS)]

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        return _told_apart(self, [button.id for button in self.buttons])


class Section(Draft):
    title: Line | None = None
    rows: Annotated[list[Option], Field(min_length=1, max_length=MAX_OPTIONS)]


class ListDraft(Framed):
    """A question and a list to choose from. `button` opens it."""

    type: Literal["list"]
    button: Line
    sections: Annotated[list[Section], Field(min_length=1, max_length=MAX_OPTIONS)]

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        return _told_apart(self, [row.id for section in self.sections for row in section.rows])


class LinkButtonDraft(Framed):
    """Words and a button that leads to a page."""

    type: Literal["link_button"]
    title: Line
    url: HttpsUrl


class LocationDraft(Draft):
    """A place, in degrees."""

    type: Literal["location"]
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]
    name: Line | None = None
    address: Line | None = None


class Phone(Draft):
    phone: Annotated[str, Field(pattern=r"^\+?[0-9 ()./-]{3,32}$")]
    type: Line | None = None


class Card(Draft):
    """Somebody's address card."""

    name: Line
    phones: list[Phone] = Field(default_factory=list, max_length=10)
    emails: list[Line] = Field(default_factory=list, max_length=10)
    org: Line | None = None


class ContactsDraft(Draft):
    type: Literal["contacts"]
    contacts: Annotated[list[Card], Field(min_length=1, max_length=10)]


class TemplateDraft(Draft):
    """A message the platform approved before. `components` as the platform documents them.

    `text` is what screens show of it.
    """

    type: Literal["template"]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,512}$")]
    language: Annotated[
        str, Field(max_length=16, pattern=r"^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*$")
    ]
    components: list[dict[str, JsonValue]] = Field(default_factory=list, max_length=20)
    text: Text | None = None


class PlatformDraft(Draft):
    """A message as the platform itself documents it: `message` holds its type and fields.

    `text` is what screens show of it.
    """

    type: Literal["platform"]
    message: Annotated[dict[str, JsonValue], Field(min_length=1, max_length=20)]
    text: Text | None = None


AnyDraft = Annotated[
    TextDraft
    | FileDraft
    | ButtonsDraft
    | ListDraft
    | LinkButtonDraft
    | LocationDraft
    | ContactsDraft
    | TemplateDraft
    | PlatformDraft,
    Field(discriminator="type"),
]
"""One part of a message that is to be sent."""


def length(draft: AnyDraft) -> int:
    """The characters it adds to the message."""
    text = draft.caption if isinstance(draft, FileDraft) else getattr(draft, "text", None)
    return len(text or "")
