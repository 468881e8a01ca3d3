"""Accounts an emulator is given by its environment: there from the start, and after a reset."""

import json

import pytest

from metagraph.emulator.app import Emulator
from metagraph.emulator.settings import EmulatorSettings

PAGE = {"object": "page", "id": "108", "name": "Shop", "token": "EAAG-secret"}


def test_they_are_known_and_no_text_of_them_tells_the_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLUICE_META_APP_SECRETS", '["a"]')
    monkeypatch.setenv("SLUICE_EMULATOR_ACCOUNTS", json.dumps([PAGE]))
    settings = EmulatorSettings()
    accounts = Emulator(settings).accounts
    for _ in range(2):
        found = accounts.of_token("EAAG-secret")
        assert found is not None
        assert (found.id, found.name) == ("108", "Shop")
        accounts.clear()
    assert "EAAG" not in repr(settings)
