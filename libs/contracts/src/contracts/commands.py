"""Commands: what inbox-core asks of an adapter, on OUTBOUND, one a JetStream message.

One send command is one provider call. Its id, `<message>.<attempt>.<part>`, travels through the
platform and comes back in every callback, so that an ambiguous call is resolved by it. The other
commands (action, media, profile, normalize) may be repeated without harm.
"""

import re
from typing import Annotated, Literal, NamedTuple, Self
from uuid import UUID

from pydantic import Field
from typing_extensions import override

from contracts.events import ChannelType
from contracts.parts import Alias, Media, Part, Time, Wire

_COMMAND_ID = re.compile(r"([0-9a-f-]{36})\.(\d{1,4})\.(\d{1,4})")


class CommandId(NamedTuple):
    """`message` (UUID), `attempt` from 1, `part` from 0."""

    message: UUID
    attempt: int
    part: int

    @override
    def __str__(self) -> str:
        return f"{self.message}.{self.attempt}.{self.part}"

    @classmethod
    def parse(cls, text: str | None) -> Self | None:
        """None when the text is not ours: other senders use the same field."""
        match = _COMMAND_ID.fullmatch(text or "")
        if match is None:
            return None
        try:
            return cls(UUID(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            return None


class Shown(Wire):
    """The message as its thread has it, for a channel that shows our threads itself.

    `at`: when it was written. `author`: the name customers see. `parts`: how many it has in all.
    """

    seq: int
    at: Time
    by: Literal["user", "ai", "system"] = "user"
    author: str | None = None
    parts: int = 1


class Send(Wire):
    """Send one part to one person. `to`: the person's aliases, the one last written to first.

    `tag` human_agent: a person answers after the reply window, where the platform allows it.
    `shown`: left out unless the channel type's capabilities say `threads`.
    """

    workspace_id: UUID
    channel_id: UUID
    conversation_id: UUID
    to: tuple[Alias, ...] = Field(min_length=1)
    part: Part
    reply_to: str | None = None
    tag: Literal["human_agent"] | None = None
    shown: Shown | None = None
    not_after: Time


class Action(Wire):
    """Something that is no message: harmless to repeat, worthless when late.

    `external_id`: the message reacted to or read. `emoji` of a reaction. `author`: who types.
    refresh: what the person may see of a conversation has changed (closed, reopened, read, rated,
    blocked), for channel types whose capabilities say `threads`.
    """

    workspace_id: UUID
    channel_id: UUID
    conversation_id: UUID
    to: tuple[Alias, ...] = Field(min_length=1)
    action: Literal["react", "unreact", "read", "typing_on", "typing_off", "refresh"]
    external_id: str | None = None
    emoji: str | None = None
    author: str | None = None
    not_after: Time


class FetchMedia(Wire):
    """Copy the file of a stored message into the filestore. `attempt` from 1: a person's retry."""

    workspace_id: UUID
    channel_id: UUID
    message_id: UUID
    part: int
    attempt: int
    media: Media
    not_after: Time


class FetchProfile(Wire):
    """Look up a person's name and picture."""

    workspace_id: UUID
    channel_id: UUID
    identity_id: UUID
    aliases: tuple[Alias, ...] = Field(min_length=1)
    not_after: Time


class Normalize(Wire):
    """Normalize a raw item anew: the answer is its event, of the same id, on `inbound.<type>`."""

    event_id: str
    kind: str
    raw: str
    beside: str | None = None
    received_at: Time


class CommandEnvelope(Wire):
    """A CloudEvent to one adapter. `id`: of a send the command id, else deterministic."""

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: Literal["/inbox-core"] = "/inbox-core"
    time: Time
    datacontenttype: Literal["application/json"] = "application/json"
    channel: ChannelType
    account: str


class SendCommand(CommandEnvelope):
    type: Literal["sluice.send.v1"] = "sluice.send.v1"
    data: Send


class ActionCommand(CommandEnvelope):
    type: Literal["sluice.action.v1"] = "sluice.action.v1"
    data: Action


class MediaCommand(CommandEnvelope):
    type: Literal["sluice.media.v1"] = "sluice.media.v1"
    data: FetchMedia


class ProfileCommand(CommandEnvelope):
    type: Literal["sluice.profile.v1"] = "sluice.profile.v1"
    data: FetchProfile


class NormalizeCommand(CommandEnvelope):
    type: Literal["sluice.normalize.v1"] = "sluice.normalize.v1"
    data: Normalize


Command = Annotated[
    SendCommand | ActionCommand | MediaCommand | ProfileCommand | NormalizeCommand,
    Field(discriminator="type"),
]
"""Everything that may stand on OUTBOUND."""
