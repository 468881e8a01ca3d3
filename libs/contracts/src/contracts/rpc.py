"""Requests answered over core NATS within two seconds. Secrets travel sealed.

`rpc.channel.<type>.validate`: inbox-core asks the adapter of a channel type whether a credential
works, before the account is connected and whenever a person asks again.
"""

from uuid import UUID

from pydantic import Field

from contracts.events import AccountHealth, ChannelType
from contracts.parts import Problem, Time, Wire

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
