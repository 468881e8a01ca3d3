"""A role that lacks what it needs does not start, and says what it lacks."""

import pytest

from chassis.settings import load
from ingest_whatsapp.settings import Settings

ALL = {
    "SLUICE_NATS_URL": "nats://127.0.0.1:4222",
    "SLUICE_META_APP_SECRETS": '["app secret"]',
    "SLUICE_META_VERIFY_TOKENS": '["verify token"]',
    "SLUICE_VAULT_KEYS_CHANNELS": "a ring",
}
RECEIVING = ("SLUICE_META_APP_SECRETS", "SLUICE_META_VERIFY_TOKENS")
DELIVERING = ("SLUICE_VAULT_KEYS_CHANNELS",)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ALL.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("roles", "unset"),
    [("receive", DELIVERING), ("deliver", RECEIVING), ('["receive"]', DELIVERING)],
)
def test_a_role_needs_its_own_settings_only(
    monkeypatch: pytest.MonkeyPatch, roles: str, unset: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SLUICE_ROLES", roles)
    for name in unset:
        monkeypatch.delenv(name)
    assert load(Settings).roles < Settings.known_roles


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name in RECEIVING for value in (None, "", "[]", '[""]', '["ok", ""]')),
        *((name, value) for name in DELIVERING for value in (None, "")),
    ],
)
def test_a_missing_or_empty_secret_stops_the_start_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    value: str | None,
) -> None:
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        load(Settings)
    assert name in capsys.readouterr().err


def test_secrets_do_not_show() -> None:
    shown = repr(load(Settings))
    assert "app secret" not in shown
    assert "a ring" not in shown
