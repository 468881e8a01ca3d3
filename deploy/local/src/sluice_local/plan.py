"""What runs in a local stack, with which environment. SERVICES is the table to add a service to.

Pure: settings, secrets and addresses in, programs out. Called by main.py. No program inherits the
environment of the terminal: each gets PATH, HOME and the variables named here.
"""

import json
import os
import sysconfig
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sluice_local.channels import CHANNELS, SEEDED, WIDGET, EmulatedChannel, LocalChannel
from sluice_local.errors import NotFound
from sluice_local.facts import Facts
from sluice_local.servers.ports import HOST, answers
from sluice_local.servers.program import Program, Running
from sluice_local.settings import LocalSettings

STOP_S = 25.0
"""Above the services' own shutdown deadline and its watchdog."""
LOGIN_EMAIL = "demo@sluice.example"
SITE = "site"

Env = dict[str, str]


@dataclass(frozen=True)
class Service:
    """A service: its console script, the settings fields of its two ports, its own variables."""

    name: str
    port_field: str
    admin_port_field: str
    env: Callable[[Facts], Mapping[str, str]]

    def port(self, settings: LocalSettings) -> int:
        port: int = getattr(settings, self.port_field)
        return port

    def admin_port(self, settings: LocalSettings) -> int:
        port: int = getattr(settings, self.admin_port_field)
        return port


def _adapter(facts: Facts) -> Env:
    """Of either service that speaks with Meta: here its stand-in."""
    origins = json.dumps([facts.emulator_url])
    return {
        "SLUICE_META_APP_SECRETS": json.dumps([facts.secrets.meta_app_secret]),
        "SLUICE_META_VERIFY_TOKENS": json.dumps([facts.secrets.meta_verify_token]),
        "SLUICE_GRAPH_ORIGIN": facts.emulator_url,
        "SLUICE_GRAPH_ALLOWED_ORIGINS": origins,
        "SLUICE_MEDIA_ALLOWED_ORIGINS": origins,
        "SLUICE_VAULT_KEYS_CHANNELS": facts.secrets.vault_keys_channels,
        "SLUICE_FILES_URL": facts.files_url,
        **_redis(facts),
    }


def _ingest_meta(facts: Facts) -> Env:
    return {**_adapter(facts), "SLUICE_INSTAGRAM_GRAPH_ORIGIN": facts.emulator_url}


LIMITS = {"sessions": (2000, 200), "looks": (2000, 200), "sockets": (2000, 200),
          "uploads": (500, 50), "posts": (2000, 200), "posted": (1_000_000, 100_000),
          "text": (1_000_000, 100_000)}  # fmt: skip
"""Of an address, [at once, each second]: here all visitors of a demo or a test come from one."""


def _widget_gateway(facts: Facts) -> Env:
    return {
        "SLUICE_VAULT_KEYS_CHANNELS": facts.secrets.vault_keys_channels,
        "SLUICE_VAULT_KEYS_VISITORS": facts.secrets.vault_keys_visitors,
        "SLUICE_FILES_URL": facts.files_url,
        "SLUICE_LIMITS": json.dumps(LIMITS),
        **_redis(facts),
    }


def _redis(facts: Facts) -> Env:
    return {"SLUICE_REDIS_URL": facts.redis_url} if facts.redis_url else {}


def _inbox_core(facts: Facts) -> Env:
    secrets = facts.secrets
    return {
        "SLUICE_POSTGRES_API_URL": facts.role_url("sluice_api", secrets.db_api_password),
        "SLUICE_POSTGRES_WORKER_URL": facts.role_url("sluice_worker", secrets.db_worker_password),
        **_redis(facts),
        "SLUICE_FILES_URL": facts.files_url,
        "SLUICE_VAULT_KEYS_CHANNELS": secrets.vault_keys_channels,
        "SLUICE_VAULT_KEYS_SESSIONS": secrets.vault_keys_sessions,
        "SLUICE_PUBLIC_ORIGIN": facts.origin,
        "SLUICE_COOKIE_SECURE": "false",  # plain HTTP, on loopback only
    }


SERVICES: tuple[Service, ...] = (
    Service("ingest-whatsapp", "ingest_whatsapp_port", "ingest_whatsapp_admin_port", _adapter),
    Service("ingest-meta", "ingest_meta_port", "ingest_meta_admin_port", _ingest_meta),
    Service("widget-gateway", "widget_gateway_port", "widget_gateway_admin_port", _widget_gateway),
    Service("inbox-core", "inbox_core_port", "inbox_core_admin_port", _inbox_core),
)


def service_env(service: Service, facts: Facts) -> Env:
    """The whole environment of a service."""
    return {
        **base_env(),
        "SLUICE_NATS_URL": facts.nats_url,
        "SLUICE_HTTP_PORT": str(service.port(facts.settings)),
        "SLUICE_ADMIN_PORT": str(service.admin_port(facts.settings)),
        "SLUICE_LOG_LEVEL": facts.settings.log_level,
        **service.env(facts),
    }


def streams_env(facts: Facts) -> Env:
    """The environment of `sluice bus apply`."""
    return {**base_env(), "SLUICE_NATS_URL": facts.nats_url}


def migrate_env(facts: Facts) -> Env:
    """The environment of `inbox-core-admin migrate`, which alone makes roles and tables."""
    secrets = facts.secrets
    return {
        **base_env(),
        "SLUICE_POSTGRES_ADMIN_URL": facts.postgres_url,
        "SLUICE_DB_OWNER_PASSWORD": secrets.db_owner_password,
        "SLUICE_DB_API_PASSWORD": secrets.db_api_password,
        "SLUICE_DB_WORKER_PASSWORD": secrets.db_worker_password,
    }


def seed_env(facts: Facts) -> Env:
    """The environment of `inbox-core-admin seed`: what the first workspace is to have."""
    secrets = facts.secrets
    return {
        **base_env(),
        "SLUICE_POSTGRES_ADMIN_URL": facts.postgres_url,
        "SLUICE_VAULT_KEYS_CHANNELS": secrets.vault_keys_channels,
        "SLUICE_SEED_EMAIL": LOGIN_EMAIL,
        "SLUICE_SEED_PASSWORD": secrets.login_password,
        "SLUICE_SEED_API_TOKEN": secrets.api_token,
        "SLUICE_SEED_CHANNELS": json.dumps([_seed(channel, facts) for channel in SEEDED]),
    }


def _seed(channel: LocalChannel, facts: Facts) -> dict[str, Any]:
    return {
        "type": channel.type,
        "account": channel.account,
        "name": channel.name,
        "secret": channel.secret(facts),
        "parent": channel.parent,
        "config": dict(channel.config(facts)),
    }


def _account(channel: EmulatedChannel, facts: Facts) -> dict[str, str]:
    """As the emulator knows it, with its token: by environment, for arguments show in `ps`."""
    above = {"parent": channel.parent.partition(":")[2]} if channel.parent else {}
    return {
        "object": channel.object,
        "id": channel.account,
        "name": channel.name,
        "token": channel.secret(facts),
        **above,
    }


def service(row: Service, facts: Facts, logs: Path) -> Running:
    """A service as a program; ready when its admin listener says so."""
    program = Program(
        name=row.name,
        argv=(script(row.name),),
        log=logs / f"{row.name}.log",
        env=service_env(row, facts),
        stop_s=STOP_S,
        start_s=facts.settings.start_s,
    )
    return Running(program, lambda: _says_200(row.admin_port(facts.settings), "/readyz"))


def emulator(facts: Facts, logs: Path) -> Running:
    """The stand-in for Meta: sends webhooks to the adapters, takes their sends."""
    port = facts.settings.emulator_port
    webhooks = (("--webhook", f"{row.object}={row.webhook_url(facts)}") for row in CHANNELS)
    program = Program(
        name="emulator",
        argv=(
            script("metagraph-emulator"), "serve", "--port", str(port),
            *(word for pair in webhooks for word in pair),
        ),
        log=logs / "emulator.log",
        env={
            **base_env(),
            "SLUICE_META_APP_SECRETS": json.dumps([facts.secrets.meta_app_secret]),
            "SLUICE_EMULATOR_ACCOUNTS": json.dumps([_account(row, facts) for row in CHANNELS]),
        },
        start_s=facts.settings.start_s,
    )  # fmt: skip
    return Running(program, lambda: _says_200(port, "/_emulator/health"))


def site(facts: Facts, logs: Path) -> Running:
    """A shop's pages with the widget on them, and the little server behind them."""
    port = facts.settings.site_port
    program = Program(
        name=SITE,
        argv=(script("sluice-site"),),
        log=logs / f"{SITE}.log",
        env={
            **base_env(),
            "SLUICE_SITE_PORT": str(port),
            "SLUICE_SITE_GATEWAY": facts.gateway_url,
            "SLUICE_SITE_CHANNEL": WIDGET.account,
            "SLUICE_SITE_SECRET": WIDGET.secret(facts),
        },
        start_s=facts.settings.start_s,
    )
    return Running(program, lambda: _says_200(port, "/"))


def script(name: str) -> str:
    """The path of a console script of this environment. Raises NotFound."""
    path = Path(sysconfig.get_path("scripts")) / name
    if not path.is_file():
        raise NotFound(f"{name} is not installed in this environment: run 'make setup'")
    return str(path)


def base_env() -> Env:
    return {
        "PATH": os.pathsep.join((sysconfig.get_path("scripts"), os.defpath)),
        "HOME": str(Path.home()),
        "LC_ALL": "C.UTF-8",
    }


def _says_200(port: int, path: str) -> bool:
    ask = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
    return answers(port, ask.encode(), b" 200 ")
