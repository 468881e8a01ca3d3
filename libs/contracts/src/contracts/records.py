"""Records mirrored from inbox-core's database into KV buckets, for adapters to watch."""

from uuid import UUID

from pydantic import Field

from contracts.events import ChannelType
from contracts.parts import Wire

OWN_APP = "app_id"
"""Key of a record's `config`: the platform's id of our own app, as in events of thread control."""


class ChannelRecord(Wire):
    """A channel account as adapters see it, in bucket `channels` under `<type>.<account>`.

    `secret` is the account's credential, sealed by vault for purpose `channels`, bound to
    (workspace, `channels`, channel id, `secret`). `parent`: the account above this one whose news
    concern it too, `waba:<id>` of a WhatsApp number. `config`: what else its adapter needs to know,
    as its validation found out.
    """

    id: UUID
    workspace_id: UUID
    type: ChannelType
    account: str
    enabled: bool
    secret: str
    version: int
    parent: str | None = None
    config: dict[str, str] = Field(default_factory=dict)


def channel_key(channel: str, account: str) -> str:
    """The key of an account in bucket `channels`: characters a key may not have become `=XX`."""
    safe = "".join(
        char if char.isascii() and (char.isalnum() or char in "-_") else f"={ord(char):02X}"
        for char in account
    )
    return f"{channel}.{safe}"
