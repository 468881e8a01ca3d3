"""A role that lacks what it needs does not start, and says what it lacks. Both adapters alike."""

import pytest

from adapter.settings import AdapterSettings
from chassis.settings import load
from ingest_meta.settings import Settings as MetaSettings
from ingest_whatsapp.settings import Settings as WhatsAppSettings

ALL = {
    "SLUICE_NATS_URL": "nats://127.0.0.1:4222",
    "SLUICE_META_APP_SECRETS": '["app secret"]',
    "SLUICE_META_VERIFY_TOKENS": '["verify token"]',
    "SLUICE_VAULT_KEYS_CHANNELS": "a ring",
    "SLUICE_FILES_URL": "memory:///",
}
RECEIVING = ("SLUICE_META_APP_SECRETS", "SLUICE_META_VERIFY_TOKENS")
SPEAKING = ("SLUICE_VAULT_KEYS_CHANNELS", "SLUICE_FILES_URL")

each_adapter = pytest.mark.parametrize(
    "adapter", [WhatsAppSettings, MetaSettings], ids=["whatsapp", "meta"]
)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ALL.items():
        monkeypatch.setenv(name, value)


@each_adapter
@pytest.mark.parametrize(
    ("roles", "unset"),
    [
        ("receive", SPEAKING),
        ("deliver", RECEIVING),
        ('["media"]', RECEIVING),
        ("deliver,media", RECEIVING),
    ],
)
def test_a_role_needs_its_own_settings_only(
    monkeypatch: pytest.MonkeyPatch,
    adapter: type[AdapterSettings],
    roles: str,
    unset: tuple[str, ...],
) -> None:
    monkeypatch.setenv("SLUICE_ROLES", roles)
    for name in unset:
        monkeypatch.delenv(name)
    assert load(adapter).roles < adapter.known_roles


@each_adapter
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, value) for name in RECEIVING for value in (None, "", "[]", '[""]', '["ok", ""]')),
        *((name, value) for name in SPEAKING for value in (None, "", " ")),
    ],
)
def test_a_missing_or_empty_setting_stops_the_start_by_its_name(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    adapter: type[AdapterSettings],
    name: str,
    value: str | None,
) -> None:
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        load(adapter)
    assert name in capsys.readouterr().err


@each_adapter
def test_secrets_do_not_show(
    monkeypatch: pytest.MonkeyPatch, adapter: type[AdapterSettings]
) -> None:
    monkeypatch.setenv("SLUICE_FILES_OPTIONS", '{"secret_access_key": "a key"}')
    monkeypatch.setenv("SLUICE_REDIS_URL", "redis://:a password@127.0.0.1:1")
    shown = repr(load(adapter))
    assert not [word for word in ("app secret", "a ring", "a key", "a password") if word in shown]
