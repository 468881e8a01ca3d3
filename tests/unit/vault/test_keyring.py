"""Key rings: read from a setting, refused without being quoted; and the command for people."""

import json
import sys
from io import StringIO
from pathlib import Path

import pytest

from vault import cli
from vault.errors import BadKeyRing
from vault.keyring import KeyRing
from vault.seal import Place, seal, unseal_text

RING = KeyRing("channels", "k1", {"k1": bytes(range(32))})
KEY = json.loads(RING.dump())["keys"]["k1"]
HERE = Place("w", "channels", "c", "secret")


def test_a_ring_survives_being_a_setting() -> None:
    assert KeyRing.parse("channels", RING.dump()) == RING


def test_a_ring_does_not_show_its_keys() -> None:
    assert KEY not in repr(RING)
    assert repr(RING.keys["k1"]) not in repr(RING)


@pytest.mark.parametrize(
    "text",
    [
        "",
        KEY,
        json.dumps([KEY]),
        json.dumps({"active": "k1"}),
        json.dumps({"active": "k1", "keys": KEY}),
        json.dumps({"active": "k2", "keys": {"k1": KEY}}),
        json.dumps({"active": ["k1"], "keys": {"k1": KEY}}),
        json.dumps({"active": "k1", "keys": {"k1": KEY[:-4]}}),
        json.dumps({"active": "k1", "keys": {"k1": "!" + KEY}}),
        json.dumps({"active": "k.1", "keys": {"k.1": KEY}}),
    ],
)
def test_what_is_no_ring_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(BadKeyRing) as refused:
        KeyRing.parse("channels", text)
    assert KEY[:-4] not in str(refused.value)
    assert "channels" in str(refused.value)


def test_a_key_id_is_never_used_twice() -> None:
    with pytest.raises(BadKeyRing, match="exists"):
        RING.with_new_key("k1")


def command(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *words: str,
    given: str = "",
) -> str:
    monkeypatch.setattr(sys, "argv", ["sluice-vault", *words])
    monkeypatch.setattr(sys, "stdin", StringIO(given))
    cli.main()
    return capsys.readouterr().out


def test_the_command_turns_a_ring(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    old = command(monkeypatch, capsys, "new-key", "channels", "--id", "a")
    sealed = seal(KeyRing.parse("channels", old), "secret", HERE)
    new = command(monkeypatch, capsys, "add-key", "channels", "--id", "b", given=old)
    (tmp_path / "ring").write_text(new)
    turned = command(
        monkeypatch, capsys, "rewrap", "channels", "--ring", str(tmp_path / "ring"), given=sealed
    ).strip()
    ring = KeyRing.parse("channels", new)
    assert turned.startswith("sv1.channels.b.")
    assert unseal_text(ring, turned, HERE) == "secret"


def test_the_command_names_the_line_it_refuses(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "ring").write_text(RING.dump())
    with pytest.raises(SystemExit) as stopped:
        command(
            monkeypatch, capsys, "rewrap", "channels", "--ring", str(tmp_path / "ring"), given="x\n"
        )
    assert stopped.value.code == 1
    assert "line 1: not a sv1 text" in capsys.readouterr().err
