"""What requests hold and answers carry, where app/views.py has no model for it.

Bodies are strict: a string is no number, and an unknown field is a mistake, not a wish.
"""

from typing import Annotated, Generic, Self, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.capabilities import Capabilities
from contracts.events import ChannelType
from inbox_core.app.access import Role
from inbox_core.app.drafts import MAX_DRAFTS, MAX_TEXT, AnyDraft, Text, TextDraft, length
from inbox_core.app.reading import COUNT_CAP, ListView, Member
from inbox_core.app.views import ChannelView, StatusWord

PAGE = 50
MAX_PAGE = 100
MAX_SEQ = 2**31 - 1

Item = TypeVar("Item")
Limit = Annotated[int, Field(ge=1, le=MAX_PAGE, description="Items a page.")]
Cursor = Annotated[
    str,
    Field(
        min_length=1, max_length=512,
        description="A `next_cursor` or `prev_cursor` of this list with the same filter.",
    ),
]  # fmt: skip
Words = Annotated[
    str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]*[^\x00-\x20][^\x00-\x1f]*$")
]
"""A line of text with something on it."""
Secret = Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[\x21-\x7e]+$")]


Config = Annotated[
    dict[
        Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")],
        Annotated[str, Field(max_length=2048, pattern=r"^[^\x00-\x1f]*$")],
    ],
    Field(max_length=24),
]


class Body(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Query(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LoginBody(Body):
    email: Annotated[str, Field(min_length=3, max_length=254)]
    password: Annotated[str, Field(min_length=1, max_length=256)]


class UserView(BaseModel):
    id: UUID
    name: str
    email: str | None


class WorkspaceView(BaseModel):
    id: UUID
    name: str
    role: Role


class Me(BaseModel):
    """Who is asking. `csrf_token` goes into X-CSRF-Token; null for whoever has no session."""

    user: UserView
    workspaces: list[WorkspaceView]
    csrf_token: str | None


class ChannelBody(Body):
    """A platform account to connect. `secret` is its access token: stored sealed, never shown.

    `name` left out is what the platform calls the account. `config`: what else its adapter asks
    for, no secrets.
    """

    type: ChannelType
    account: Annotated[
        str, Field(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_=-]+(\.[A-Za-z0-9_=-]+)*$")
    ]
    name: Words | None = None
    secret: Secret
    config: Config = Field(default_factory=dict)


class ChannelPatch(Body):
    """What is left out stays as it is."""

    name: Words | None = None
    enabled: bool | None = None
    secret: Secret | None = None
    config: Config | None = None


class ListQuery(Query):
    """`mine` is whoever asks. `resolved` means closed, with `include_archived` archived too."""

    view: ListView = "all"
    include_archived: bool = False
    channel_id: UUID | None = None
    cursor: Cursor | None = None
    limit: Limit = PAGE


class ThreadQuery(Query):
    """At most one of `cursor`, `before_seq` and `after_seq`."""

    cursor: Cursor | None = None
    before_seq: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None
    after_seq: Annotated[int, Field(ge=0, le=MAX_SEQ)] | None = None
    limit: Limit = PAGE

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        given = [self.cursor, self.before_seq, self.after_seq]
        if sum(place is not None for place in given) > 1:
            raise ValueError("cursor, before_seq and after_seq exclude one another")
        return self


class EventsQuery(Query):
    """Without a cursor the answer is the place to go on from. `wait`: seconds at the most."""

    cursor: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    wait: Annotated[float, Field(ge=0, le=25)] = 25


class PageBody(BaseModel, Generic[Item]):
    """`next_cursor` leads to older items, `prev_cursor` to newer ones; null: there are none now."""

    items: list[Item]
    next_cursor: str | None
    prev_cursor: str | None


class Counts(BaseModel):
    """Conversations of each view, archived ones left out; `cap` means that many or more."""

    all: int
    unread: int
    unresolved: int
    resolved: int
    mine: int
    unassigned: int
    cap: int = COUNT_CAP


class ReplyBody(Body):
    """A message: `parts` in the order they go out, or `text` for one part of words.

    `client_msg_id`: your own id of this message, the same in every attempt to send it. Left out,
    only an Idempotency-Key keeps a repeated request from sending twice. `reply_to`: the message of
    this conversation that it quotes.
    """

    text: Text | None = None
    parts: Annotated[list[AnyDraft], Field(min_length=1, max_length=MAX_DRAFTS)] | None = None
    reply_to: UUID | None = None
    client_msg_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = None

    @model_validator(mode="after")
    def _one_content(self) -> Self:
        if (self.text is None) == (self.parts is None):
            raise ValueError("either text or parts")
        if sum(length(draft) for draft in self.drafts) > MAX_TEXT:
            raise ValueError(f"more than {MAX_TEXT} characters over all parts")
        return self

    @property
    def drafts(self) -> list[AnyDraft]:
        return self.parts or [TextDraft(type="text", text=self.text or "")]


class ReactionBody(Body):
    """One emoji."""

    emoji: Annotated[str, Field(min_length=1, max_length=32, pattern=r"^\S*[^\x00-\x7f]\S*$")]


class TypingBody(Body):
    """Whether somebody writes. Say it again while they do; the mark goes by itself."""

    on: bool


class ReadBody(Body):
    """Everything up to this number was seen; an older mark changes nothing."""

    up_to_seq: Annotated[int, Field(ge=0, le=MAX_SEQ)]


class TransitionBody(Body):
    """`reason` says who is waited for; a pending conversation shows it, `other` by default."""

    to: StatusWord
    reason: Annotated[str, Field(pattern=r"^(teammate|customer|other)$")] | None = None


class Channels(BaseModel):
    items: list[ChannelView]


class ChannelTypes(BaseModel):
    items: list[Capabilities]


class FileQuery(Query):
    """`filename`: what the customer sees; made harmless."""

    filename: Annotated[str, Field(min_length=1, max_length=255)] | None = None


class Members(BaseModel):
    items: list[Member]
