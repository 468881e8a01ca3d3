"""Requests answered over core NATS within two seconds. Secrets travel sealed.

`rpc.channel.<type>.validate`: inbox-core asks the adapter of a channel type whether a credential
works, before the account is connected and whenever a person asks again.

`rpc.inbox-core.visitor.history`: an adapter that shows people their own threads (capabilities
`threads`) asks inbox-core for them.
"""

from typing import Literal
from uuid import UUID

from pydantic import Field

from contracts.events import AccountHealth, ChannelType
from contracts.parts import Alias, Part, Problem, Time, Wire

DEADLINE_S = 2.0


class ValidateRequest(Wire):
    """`secret` is sealed as in ChannelRecord. `config` is what the person filled in."""

    workspace_id: UUID
    channel_id: UUID
    type: ChannelType
    account: str
    secret: str
    config: dict[str, str] = Field(default_factory=dict)


class ValidateAnswer(Wire):
    """`problem` None: the credential works and the app is subscribed.

    `field` names what of the request is at fault: secret, account or config. `name` is what the
    platform calls the account; `parent` and `config` go into its record. `secret`: a renewed
    credential, sealed like the one asked about, to be kept in its place.
    """

    problem: Problem | None = None
    field: str | None = None
    name: str | None = None
    parent: str | None = None
    config: dict[str, str] = Field(default_factory=dict)
    token_expires_at: Time | None = None
    secret: str | None = None
    health: AccountHealth | None = None


MAX_HISTORY = 100
"""Messages of one answer at the most; fewer when they are long."""


class HistoryRequest(Wire):
    """What the person behind these aliases may see of their own conversations.

    `after`: conversation → the last `seq` the asker knows of it. Of a conversation that is not in
    it, the newest messages are told if it is the person's newest one, else only its head. With
    `before` (of one conversation) older messages than that are told, and nothing else.
    """

    type: ChannelType
    account: str
    aliases: tuple[Alias, ...] = Field(min_length=1, max_length=4)
    after: dict[UUID, int] = Field(default_factory=dict, max_length=50)
    before: tuple[UUID, int] | None = None
    limit: int = Field(default=50, ge=1, le=MAX_HISTORY)


class HistoryThread(Wire):
    """The head of a conversation. `read_seq`: how far our side has read. `rating`: their own."""

    id: UUID
    open: bool
    last_seq: int
    read_seq: int
    last_message_at: Time
    closed_at: Time | None = None
    rating: int | None = None


class HistoryMessage(Wire):
    """A message a visitor may see. `external_id`: by which they sent it themselves, when they did.

    `by` contact: themselves. Media of parts is `stored`, or None when it is not there (any more).
    A deleted message has no parts.
    """

    id: UUID
    conversation_id: UUID
    seq: int
    at: Time
    by: Literal["contact", "user", "ai", "system"]
    author: str | None = None
    external_id: str | None = None
    parts: tuple[Part, ...] = ()
    deleted: bool = False


class HistoryAnswer(Wire):
    """`threads`: the newest 20, newest first. `messages`: by conversation and `seq`, gapless.

    `more`: the limit was reached, ask again with what is known now. `blocked`: the person is
    told nothing, and nothing of theirs is shown to anybody. `busy`: nothing was looked up, there
    are too many questions; ask again later.
    """

    threads: tuple[HistoryThread, ...] = ()
    messages: tuple[HistoryMessage, ...] = ()
    more: bool = False
    blocked: bool = False
    busy: bool = False
