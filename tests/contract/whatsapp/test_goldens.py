"""Recorded payloads and the events they become: the wire other services were built against.

Each `tests/data/whatsapp/<what it shows>.json` is a webhook body byte for byte, and
`<…>.events.json` beside it what must be published for it. A difference is a change of the wire:
look at it, then write the files anew with `python tests/contract/whatsapp/test_goldens.py`.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts import batch
from ingest_whatsapp.normalize.bodies import Normalized
from ingest_whatsapp.payloads import parse

DATA = Path(__file__).parents[2] / "data" / "whatsapp"
RECEIVED_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
PAYLOADS = sorted(p for p in DATA.glob("*.json") if not p.name.endswith(".events.json"))


def events_of(payload: Path) -> list[Any]:
    normalized = Normalized().take(parse(payload.read_bytes()).items, RECEIVED_AT)
    assert not normalized.bugs
    return [json.loads(event) for event in normalized.events]


def golden(payload: Path) -> Path:
    return payload.with_suffix(".events.json")


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda path: path.stem)
def test_the_payload_becomes_its_golden_events(payload: Path) -> None:
    assert events_of(payload) == json.loads(golden(payload).read_bytes())


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda path: path.stem)
def test_golden_events_are_readable_by_every_consumer(payload: Path) -> None:
    for event in json.loads(golden(payload).read_bytes()):
        assert batch.decode_event(event).id == event["id"]


def test_no_golden_is_left_over() -> None:
    written = {path.name for path in DATA.glob("*.events.json")}
    assert written == {golden(payload).name for payload in PAYLOADS}


if __name__ == "__main__":
    for recorded in PAYLOADS:
        text = json.dumps(events_of(recorded), ensure_ascii=False, indent=2)
        golden(recorded).write_text(text + "\n")
