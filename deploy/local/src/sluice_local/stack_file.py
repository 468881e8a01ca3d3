"""`.local/stack.json`: where everything is, for the demo, the tests and a curious person (0600).

Written last, when everything is ready; gone when the stack is stopped.
"""

from pydantic import BaseModel, ConfigDict, Field

from sluice_local.channels import CHANNELS, WIDGET
from sluice_local.facts import Facts
from sluice_local.plan import LOGIN_EMAIL, SERVICES


class ServiceAddress(BaseModel):
    """`url` faces its users, `admin_url` has /metrics, /livez and /readyz."""

    url: str
    admin_url: str


class EmulatorAddress(BaseModel):
    """The stand-in for Meta, and what it and the webhook know of each other."""

    url: str
    app_secret: str
    verify_token: str


class Login(BaseModel):
    """The first member of the seeded workspace."""

    email: str
    password: str


class SeededChannel(BaseModel):
    """A connected account: its row's id, its type, the platform's id of it."""

    id: str
    type: str
    account: str


class ChannelAddress(SeededChannel):
    """An account of the emulator, and where its webhooks go. `object` is Meta's word for it."""

    object: str
    webhook_url: str


class WidgetAddress(SeededChannel):
    """The widget's channel: where its gateway is, and the site it stands on.

    `secret`: proofs of identity are signed with it. `pages`: by name.
    """

    url: str
    origin: str
    secret: str
    pages: dict[str, str]


class Seeded(BaseModel):
    """What `inbox-core-admin seed` prints."""

    model_config = ConfigDict(extra="ignore")

    workspace_id: str
    api_token: str
    email: str = LOGIN_EMAIL
    password: str = ""
    channels: list[SeededChannel] = Field(default_factory=list)


class StackFile(BaseModel):
    """The file. `processes`: name → process id, `channels`: by channel type, the platforms'."""

    services: dict[str, ServiceAddress]
    nats_url: str
    postgres_url: str
    redis_url: str | None
    emulator: EmulatorAddress
    workspace_id: str
    login: Login
    api_token: str
    channels: dict[str, ChannelAddress]
    widget: WidgetAddress
    processes: dict[str, int]


def stack_file(facts: Facts, seeded: Seeded, processes: dict[str, int]) -> StackFile:
    """The file's content."""
    settings, secrets = facts.settings, facts.secrets
    known = {channel.type: channel for channel in CHANNELS}
    return StackFile(
        services={
            row.name: ServiceAddress(
                url=facts.url(row.port(settings)), admin_url=facts.url(row.admin_port(settings))
            )
            for row in SERVICES
        },
        nats_url=facts.nats_url,
        postgres_url=facts.postgres_url,
        redis_url=facts.redis_url,
        emulator=EmulatorAddress(
            url=facts.emulator_url,
            app_secret=secrets.meta_app_secret,
            verify_token=secrets.meta_verify_token,
        ),
        workspace_id=seeded.workspace_id,
        login=Login(email=seeded.email, password=seeded.password or secrets.login_password),
        api_token=seeded.api_token,
        channels={
            one.type: ChannelAddress(
                **one.model_dump(),
                object=known[one.type].object,
                webhook_url=known[one.type].webhook_url(facts),
            )
            for one in seeded.channels
            if one.type in known
        },
        widget=_widget(facts, seeded),
        processes=processes,
    )


def _widget(facts: Facts, seeded: Seeded) -> WidgetAddress:
    found = next(one for one in seeded.channels if one.type == WIDGET.type)
    return WidgetAddress(
        **found.model_dump(),
        url=facts.gateway_url,
        origin=facts.site_url,
        secret=WIDGET.secret(facts),
        pages={"shop": f"{facts.site_url}/", "right-to-left": f"{facts.site_url}/rtl"},
    )
