"""The ledger counts doubles, the script takes turns, and sends are checked as Graph does."""

import json
import random
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from metagraph.emulator import sends
from metagraph.emulator.ledger import Ledger
from metagraph.emulator.limits import Refused
from metagraph.emulator.media import MAX_FILES, Files
from metagraph.emulator.script import MAX_FAULTS, Call, Script, ScriptFull, fault
from metagraph.emulator.settings import EmulatorSettings, StatusPlan
from metagraph.emulator.statuses import timetable

TEXT = {"messaging_product": "whatsapp", "to": "+491511", "type": "text", "text": {"body": "hi"}}
IMAGE = {"type": "image", "image": {"id": "1", "caption": "x" * 1024}}
ANY = Call("1", "491511", "text", None)


def buttons(count: int, title: str = "Yes", body: str = "?") -> dict[str, Any]:
    some = [{"type": "reply", "reply": {"id": str(n), "title": title}} for n in range(count)]
    action = {"buttons": some}
    return {
        "type": "interactive",
        "interactive": {"type": "button", "body": {"text": body}, "action": action},
    }


def rows(*counts: int) -> dict[str, Any]:
    some = [{"title": "S", "rows": [{"id": "1", "title": "R"}] * count} for count in counts]
    action = {"button": "Open", "sections": some}
    return {
        "type": "interactive",
        "interactive": {"type": "list", "body": {"text": "?"}, "action": action},
    }


def test_ledger_pages_and_counts_what_came_twice() -> None:
    ledger = Ledger(limit=10)
    for ref in ("a", "b", "a", "c", "a"):
        ledger.add("message", f"wamid.{ref}", "1", "2", {"biz_opaque_callback_data": ref})
    assert [entry.ref for entry in ledger.after(2)] == ["a", "c", "a"]
    assert [entry.number for entry in ledger.after(0, limit=2)] == [1, 2]
    assert ledger.after(5) == []
    assert ledger.summary()["doubles"] == {"a": 3}


def test_ledger_is_bounded_and_numbers_go_on() -> None:
    ledger = Ledger(limit=3)
    for n in range(8):
        ledger.add("message", str(n), "1", "2", {"biz_opaque_callback_data": str(n % 2)})
    assert [entry.number for entry in ledger.after(0)] == [6, 7, 8]
    summary = ledger.summary()
    assert (summary["last"], summary["evicted"], summary["messages"]) == (8, 5, 3)
    assert summary["doubles"] == {"1": 2}


def test_faults_befall_in_order_and_as_often_as_asked() -> None:
    script = Script()
    script.add([
        fault(do="error", code=190, match={"to": "other"}),
        fault(do="error", code=4, times=2),
        fault(do="delay", seconds=0),
    ])  # fmt: skip
    met = [script.take(ANY) for _ in range(4)]
    assert [one and one.do for one in met] == ["error", "error", "delay", None]
    assert script.pending() == 1
    assert script.take(Call("1", "other", "text", None)) is not None


def test_only_a_fault_that_names_it_befalls_what_is_no_message() -> None:
    script = Script()
    receipt = Call("1", "", "receipt", None, shy=True)
    script.add([fault(do="error", code=4), fault(do="reset", match={"type": "receipt"})])
    assert script.take(Call("1", "", "media", None, shy=True)) is None
    met = script.take(receipt)
    assert met is not None
    assert met.do == "reset"
    assert script.take(receipt) is None
    assert script.take(Call("1", "2", "text", None, "page")) is not None


def test_a_fault_may_be_for_one_platform() -> None:
    script = Script()
    script.add([fault(do="error", code=4, match={"object": "instagram"})])
    assert script.take(Call("1", "2", "text", None, "page")) is None
    assert script.take(Call("1", "2", "text", None, "instagram")) is not None


def test_the_script_is_bounded() -> None:
    script = Script()
    script.add([fault(do="reset")] * MAX_FAULTS)
    with pytest.raises(ScriptFull):
        script.add([fault(do="reset")])


@pytest.mark.parametrize(
    "fields",
    [{"do": "explode"}, {"do": "error"}, {"do": "delay", "seconds": -1},
     {"do": "reset", "times": 0}, {"do": "reset", "match": {"colour": "red"}},
     {"do": "http", "status": 99}],
)  # fmt: skip
def test_a_fault_nobody_knows_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        fault(**fields)


@pytest.mark.parametrize(
    ("label", "body", "code"),
    [
        ("not an object", ["x"], 100),
        ("no product", {"to": "1"}, 100),
        ("nobody", TEXT | {"to": ""}, 100),
        ("not a number", TEXT | {"to": "Ann"}, 131009),
        ("a number too long", TEXT | {"to": "1" * 21}, 131009),
        ("unknown type", TEXT | {"type": "smell"}, 100),
        ("no content", {k: v for k, v in TEXT.items() if k != "text"}, 131008),
        ("empty text", TEXT | {"text": {"body": ""}}, 131008),
        ("text of no kind", TEXT | {"text": {"body": 5}}, 131008),
        ("too long a text", TEXT | {"text": {"body": "x" * 4097}}, 100),
        ("no template name", TEXT | {"type": "template", "template": {"language": {}}}, 131008),
        ("no language", TEXT | {"type": "template", "template": {"name": "x"}}, 131008),
        ("no file", TEXT | {"type": "image", "image": {"caption": "x"}}, 131008),
        (
            "too long a caption",
            TEXT | IMAGE | {"image": {"id": "1", "caption": "x" * 1025}},
            131009,
        ),
        ("too many buttons", TEXT | buttons(4), 131009),
        ("too long a title", TEXT | buttons(1, title="x" * 21), 131009),
        ("too long a body for buttons", TEXT | buttons(1, body="x" * 1025), 131009),
        ("too many rows", TEXT | rows(6, 5), 131009),
        ("too many sections", TEXT | rows(*[0] * 11), 131009),
        ("a place nowhere", TEXT | {"type": "location", "location": {"latitude": 0}}, 131008),
        ("too long a reference", TEXT | {"biz_opaque_callback_data": "x" * 513}, 100),
        ("receipt of nothing", {"messaging_product": "whatsapp", "status": "read"}, 100),
    ],
)
def test_sends_graph_would_refuse(label: str, body: Any, code: int) -> None:
    with pytest.raises(Refused) as refused:
        sends.read("1", body)
    assert refused.value.code == code, label


@pytest.mark.parametrize(
    ("body", "to", "kind"),
    [
        (TEXT, "491511", "text"),
        (TEXT | {"text": {"body": "x" * 4096}}, "491511", "text"),
        ({k: v for k, v in TEXT.items() if k != "to"} | {"recipient": "US.134"}, "US.134", "text"),
        (TEXT | {"recipient": "US.134"}, "491511", "text"),
        (TEXT | IMAGE, "491511", "image"),
        (TEXT | buttons(3), "491511", "interactive"),
        (TEXT | rows(5, 5), "491511", "interactive"),
        (
            TEXT | {"type": "location", "location": {"latitude": 0, "longitude": 0.5}},
            "491511",
            "location",
        ),
        ({"messaging_product": "whatsapp", "status": "read", "message_id": "w"}, "", "receipt"),
    ],
)
def test_sends_graph_would_take(body: dict[str, Any], to: str, kind: str) -> None:
    call = sends.read("1", body).call
    assert (call.to, call.type) == (to, kind)


def test_metas_own_examples_are_taken(samples: Path) -> None:
    paths = sorted((samples / "sends").glob("*.json"))
    assert paths
    for path in paths:
        body = json.loads(path.read_text())
        if "to" in body:
            body["to"] = "16505551234"  # theirs is a placeholder
        if "interactive" in body:
            body["type"] = "interactive"  # one of theirs forgot it
        try:
            sends.read("1", body)
        except Refused as refused:
            raise AssertionError(f"{path.name}: {refused.details}") from refused


def test_only_the_newest_files_are_kept() -> None:
    files = Files()
    made = [files.put(b"x" * n, "image/png") for n in range(1, MAX_FILES + 2)]
    assert files.get(made[0].id) is None
    assert files.get(made[-1].id) == made[-1]
    with pytest.raises(ValueError, match="bytes"):
        files.put(b"", "image/png")


def test_statuses_come_by_plan() -> None:
    plan = StatusPlan(delay_s=1, step_s=2, duplicates=1)
    assert list(timetable(plan, plan.names, random.Random(1))) == [
        (1, "sent"), (3, "sent"), (3, "delivered"), (5, "delivered"), (5, "read"), (7, "read"),
    ]  # fmt: skip
    shuffled = list(timetable(StatusPlan(shuffle=True), plan.names, random.Random(3)))
    assert {name for _, name in shuffled} == set(plan.names)
    assert sorted(shuffled) != shuffled


def test_a_missing_secret_stops_the_start_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLUICE_META_APP_SECRETS", raising=False)
    with pytest.raises(ValidationError, match="meta_app_secrets"):
        EmulatorSettings()


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICE_META_APP_SECRETS", '["hush"]')
    monkeypatch.setenv("SLUICE_EMULATOR_PORT", "99999")
    with pytest.raises(ValidationError) as error:
        EmulatorSettings()
    assert "hush" not in str(error.value)
