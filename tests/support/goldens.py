"""Recorded payloads and the events they become: what every adapter's contract tests share.

Each `<folder>/<what it shows>.json` is a webhook body byte for byte, `<…>.events.json` beside it
what must be published for it. A difference is a change of the wire: look at it, then write the
files anew by running the test file of the platform as a program.
"""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from adapter.bodies import Normalized
from adapter.items import Item, Platform
from contracts import batch

DATA = Path(__file__).parents[1] / "data"
RECEIVED_AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def normalized(platform: Platform, body: bytes) -> Normalized:
    """What becomes of a body, as adapter.intake has it. Fails on a bug of ours."""
    made = Normalized(platform).take(platform.parse(body).items, RECEIVED_AT)
    assert not made.bugs, made.bugs
    return made


def events_in(made: Normalized) -> list[dict[str, Any]]:
    """Every event of every subject, in order within a subject, as it stands on the wire."""
    return [orjson.loads(event) for events in made.events.values() for event in events]


def events_of(platform: Platform, body: bytes) -> list[dict[str, Any]]:
    """The events a body becomes."""
    return events_in(normalized(platform, body))


@dataclass(frozen=True)
class Goldens:
    """The recorded payloads of a platform."""

    platform: Platform
    folder: Path

    @property
    def payloads(self) -> list[Path]:
        """The webhook bodies, for `parametrize`."""
        found = sorted(self.folder.glob("*.json"))
        return [path for path in found if not path.name.endswith(".events.json")]

    def check(self, payload: Path) -> None:
        """The payload becomes its golden events."""
        assert self._events(payload) == json.loads(_golden(payload).read_bytes())

    def check_readable(self, payload: Path) -> None:
        """Every consumer can read the golden events."""
        for event in json.loads(_golden(payload).read_bytes()):
            assert batch.decode_event(event).id == event["id"]

    def check_renormalized(self, payload: Path) -> None:
        """An item kept raw by a table that knew nothing becomes, later, the same event."""
        for item in self.platform.parse(payload.read_bytes()).items:
            if item.account is None:
                continue
            kinds = self.platform.kinds[item.channel]
            kept = replace(kinds, table={}).normalize(item, RECEIVED_AT)
            if kept["data"]["why"] != "malformed" and item.kind in kinds.table:
                again = _item_of(kept)
                first, second = (_made(self.platform, each) for each in (item, again))
                assert second == first
                assert second["id"] == kept["id"]

    def check_left_over(self) -> None:
        """No golden has lost its payload."""
        written = {path.name for path in self.folder.glob("*.events.json")}
        assert written == {_golden(payload).name for payload in self.payloads}

    def rewrite(self) -> None:
        """All golden events anew."""
        for payload in self.payloads:
            text = json.dumps(self._events(payload), ensure_ascii=False, indent=2)
            _golden(payload).write_text(text + "\n")

    def _events(self, payload: Path) -> list[dict[str, Any]]:
        return events_of(self.platform, payload.read_bytes())


def _golden(payload: Path) -> Path:
    return payload.with_suffix(".events.json")


def _item_of(event: dict[str, Any]) -> Item:
    """The item an unsupported event keeps, as adapter.renormalize rebuilds it."""
    data = event["data"]
    around = json.loads(data.get("beside") or "{}")
    return Item(
        data["kind"],
        event["account"],
        json.loads(data["raw"]),
        around.get("beside"),
        around.get("entry_time"),
        event["channel"],
    )


def _made(platform: Platform, item: Item) -> dict[str, Any]:
    made = Normalized(platform).take([item], RECEIVED_AT)
    assert not made.bugs, made.bugs
    (event,) = events_in(made)
    return event
