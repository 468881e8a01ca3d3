"""Where everything of a local stack is. Made by embedded.py, read by plan.py and stack_file.py."""

from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from sluice_local.secrets_file import Secrets
from sluice_local.servers.ports import HOST
from sluice_local.settings import LocalSettings

DATABASE = "sluice"


@dataclass(frozen=True)
class Facts:
    """All that the programs are told: what was asked for, what is secret, where the servers are."""

    settings: LocalSettings
    secrets: Secrets
    nats_url: str
    postgres_url: str
    redis_url: str | None
    files_url: str

    def url(self, port: int, path: str = "") -> str:
        return f"http://{HOST}:{port}{path}"

    @property
    def emulator_url(self) -> str:
        return self.url(self.settings.emulator_port)

    @property
    def gateway_url(self) -> str:
        """Of the widget's gateway."""
        return self.url(self.settings.widget_gateway_port)

    @property
    def site_url(self) -> str:
        return self.url(self.settings.site_port)

    @property
    def site_origins(self) -> tuple[str, ...]:
        """Both names a person may type."""
        return self.site_url, f"http://localhost:{self.settings.site_port}"

    @property
    def origin(self) -> str:
        return self.url(self.settings.inbox_core_port)

    def role_url(self, role: str, password: str) -> str:
        """The database as one of its roles; their passwords need no quoting."""
        whole = urlsplit(self.postgres_url)
        host = whole.netloc.rpartition("@")[2]
        return urlunsplit(whole._replace(netloc=f"{role}:{password}@{host}"))
