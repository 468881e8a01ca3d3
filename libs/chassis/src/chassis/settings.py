"""Settings: one frozen class per service, read from the environment once, in main().

    class Settings(ServiceSettings):
        known_roles = frozenset({"receive", "deliver"})
        meta_app_secrets: SecretList

    settings = load(Settings)

A field `nats_url` is the variable SLUICE_NATS_URL. Lists are JSON arrays, or words with commas
between them. Secrets are `SecretStr`, so that neither a log line nor a traceback shows them.
"""

import json
import re
import sys
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

PREFIX = "SLUICE_"
EXIT_WRONG_SETTINGS = 2


def _listed(value: Any) -> Any:
    """A JSON array, or comma separated words, as a list; other values as they are."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except ValueError:
            raise ValueError("not a JSON array") from None
    return [word.strip() for word in value.split(",") if word.strip()]


SecretList = Annotated[
    tuple[SecretStr, ...], NoDecode, BeforeValidator(_listed), Field(min_length=1)
]
"""One or more secrets: several while one is being replaced by the next."""
TextList = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
Port = Annotated[int, Field(ge=0, le=65535)]
"""0 lets the system choose: for tests."""
LogLevel = Literal["debug", "info", "warning", "error"]


class ServiceSettings(BaseSettings):
    """What every service has. A service adds its own fields and names its `known_roles`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    known_roles: ClassVar[frozenset[str]] = frozenset()

    nats_url: SecretStr
    """With user and password, as `nats://user:password@host:port`; several, comma separated."""
    http_host: str = "127.0.0.1"
    http_port: Port
    admin_host: str = "127.0.0.1"
    admin_port: Port
    log_level: LogLevel = "info"
    roles: Annotated[frozenset[str], NoDecode, BeforeValidator(_listed)] = Field(
        default=frozenset(), validate_default=True
    )
    """What this process does; left out or empty: all of known_roles."""
    shutdown_deadline_s: float = Field(default=20, gt=0, le=300)

    @field_validator("roles", mode="after")
    @classmethod
    def _roles_are_known(cls, roles: frozenset[str]) -> frozenset[str]:
        if roles <= cls.known_roles:
            return roles or cls.known_roles
        raise ValueError(f"roles are {', '.join(sorted(cls.known_roles))}")

    def has_role(self, role: str) -> bool:
        """Whether this process is to build what `role` needs."""
        return role in self.roles


S = TypeVar("S", bound=BaseSettings)


def load(settings: type[S]) -> S:
    """The settings from the environment.

    Missing or invalid ones are named on stderr, by their variables and without their values, and
    the process exits with status 2.
    """
    try:
        return settings()
    except ValidationError as error:
        lines = [
            f"  {_variable(settings, e['loc'])}: {_why(e['type'], e['msg'])}"
            for e in error.errors(include_url=False, include_input=False, include_context=False)
        ]
    except SettingsError as error:
        field = re.search(r'field "(\w+)"', str(error))
        lines = [f"  {_variable(settings, (field[1] if field else '?',))}: not valid JSON"]
    sys.stderr.write("\n".join(["cannot start, wrong settings:", *lines, ""]))
    raise SystemExit(EXIT_WRONG_SETTINGS)


def _variable(settings: type[BaseSettings], loc: tuple[int | str, ...]) -> str:
    first, *rest = (str(step) for step in loc or ("?",))
    prefix = settings.model_config.get("env_prefix", "") if first in settings.model_fields else ""
    name = f"{prefix}{first}".upper()  # a field with an alias is named by it, whole
    return f"{name} ({'.'.join(rest)})" if rest else name


def _why(kind: str, message: str) -> str:
    return "missing" if kind == "missing" else message.removeprefix("Value error, ")
