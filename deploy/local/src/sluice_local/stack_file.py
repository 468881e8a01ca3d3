"""`.local/stack.json`: where everything is, for the demo, the tests and a curious person (0600).

Written last, when everything is ready; gone when the stack is stopped.
"""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

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


class Seeded(BaseModel):
    """What `inbox-core-admin seed` prints. `channel` is the WhatsApp account of the emulator."""

    model_config = ConfigDict(extra="ignore")

    workspace_id: str
    api_token: str
    email: str = LOGIN_EMAIL
    password: str = ""
    channel: dict[str, Any] = Field(default_factory=dict)


class StackFile(BaseModel):
    """The file. `processes`: name → process id."""

    services: dict[str, ServiceAddress]
    nats_url: str
    postgres_url: str
    redis_url: str | None
    emulator: EmulatorAddress
    workspace_id: str
    login: Login
    api_token: str
    webhook_url: str
    channel: dict[str, Any]
    processes: dict[str, int]


def stack_file(facts: Facts, seeded: Seeded, processes: dict[str, int]) -> StackFile:
    """The file's content."""
    settings, secrets = facts.settings, facts.secrets
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
        webhook_url=facts.webhook_url,
        channel=seeded.channel,
        processes=processes,
    )
