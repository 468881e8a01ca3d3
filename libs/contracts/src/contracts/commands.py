"""Commands: what inbox-core asks of an adapter, on OUTBOUND, one a JetStream message.

One command is one provider call. Its id, `<message>.<attempt>.<part>`, travels through the
platform and comes back in every callback, so that an ambiguous call is resolved by it.
"""

import re
from typing import Literal, NamedTuple, Self
from uuid import UUID

from pydantic import Field
from typing_extensions import override

from contracts.events import ChannelType, Time
from contracts.parts import Alias, Part, Wire

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


class Send(Wire):
    """Send one part to one person. `to`: the person's aliases, the one last written to first."""

    workspace_id: UUID
    channel_id: UUID
    conversation_id: UUID
    to: tuple[Alias, ...] = Field(min_length=1)
    part: Part
    reply_to: str | None = None
    not_after: Time


class SendCommand(Wire):
    """A CloudEvent whose `id` is the command id."""

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: Literal["/inbox-core"] = "/inbox-core"
    type: Literal["sluice.send.v1"] = "sluice.send.v1"
    time: Time
    datacontenttype: Literal["application/json"] = "application/json"
    channel: ChannelType
    account: str
    data: Send
