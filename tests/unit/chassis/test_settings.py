"""Settings: read once, and what is wrong is named without its value."""

from typing import ClassVar

import pytest
from pydantic import ValidationError

from chassis.settings import SecretList, ServiceSettings, load


class Settings(ServiceSettings):
    known_roles: ClassVar[frozenset[str]] = frozenset({"receive", "deliver"})
    app_secrets: SecretList


COMPLETE = {
    "SLUICE_NATS_URL": "nats://user:hunter2@127.0.0.1:4222",
    "SLUICE_HTTP_PORT": "8081",
    "SLUICE_ADMIN_PORT": "9081",
    "SLUICE_APP_SECRETS": '["hunter2", "older"]',
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in COMPLETE.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


@pytest.mark.usefixtures("environment")
def test_a_complete_environment_loads() -> None:
    settings = load(Settings)
    assert settings.http_port == 8081
    assert [s.get_secret_value() for s in settings.app_secrets] == ["hunter2", "older"]
    assert settings.roles == Settings.known_roles
    assert settings.has_role("receive")
    assert "hunter2" not in repr(settings)
    with pytest.raises(ValidationError):
        settings.__setattr__("http_port", 1)


@pytest.mark.parametrize(
    ("value", "roles"),
    [
        ("receive", {"receive"}),
        ("receive, deliver", {"receive", "deliver"}),
        ('["deliver"]', {"deliver"}),
        ("", {"receive", "deliver"}),
    ],
)
def test_roles(environment: pytest.MonkeyPatch, value: str, roles: set[str]) -> None:
    environment.setenv("SLUICE_ROLES", value)
    assert load(Settings).roles == roles


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("SLUICE_NATS_URL", None, "missing"),
        ("SLUICE_APP_SECRETS", None, "missing"),
        ("SLUICE_APP_SECRETS", "[hunter2", "not a JSON array"),
        ("SLUICE_APP_SECRETS", "[]", "at least 1"),
        ("SLUICE_HTTP_PORT", "hunter2", "valid integer"),
        ("SLUICE_HTTP_PORT", "70000", "65535"),
        ("SLUICE_ROLES", "hunter2", "roles are deliver, receive"),
        ("SLUICE_LOG_LEVEL", "hunter2", "'debug'"),
    ],
)
def test_what_is_wrong_is_named_without_its_value(
    environment: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str | None,
    why: str,
) -> None:
    if value is None:
        environment.delenv(name)
    else:
        environment.setenv(name, value)
    with pytest.raises(SystemExit) as stopped:
        load(Settings)
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert f"{name}" in said
    assert why in said
    assert "hunter2" not in said
