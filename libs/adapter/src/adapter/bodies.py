"""All items of one body become events ready to publish. Called by intake.py.

Here is the count the promise rests on: items = accepted + unsupported + repeated within the body
+ quarantined. One bad item never costs another.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

import orjson

from adapter.fields import Unwritable, Wire, raw
from adapter.items import UNSUPPORTED, Item, Platform, Why
from contracts import batch, subjects

MAX_PUBLISHED = subjects.Limits().max_payload - subjects.MIB // 4
"""Bytes. What is larger even with its raw alone cannot travel on the bus as an event."""


Outcomes = dict[tuple[str, str], int]
"""Items by (outcome, reason)."""


class Quarantined(Exception):
    """An item no event can carry; intake.py lays it into DEAD.

    `reason` is no_account, oversized or unwritable. `body` is its JSON text; None when that
    cannot be written again, and the whole webhook must stand for it.
    """

    def __init__(self, reason: str, body: bytes | None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.body = body


@dataclass(slots=True)
class Normalized:
    """What became of a body's items; `outcomes` adds up to their number.

    `events` holds each id once, encoded, under the subject it goes to. `unsupported` counts the
    items kept raw by (channel, kind). `bugs` are errors that are ours: their items are kept raw as
    malformed.
    """

    platform: Platform
    events: dict[str, list[bytes]] = field(default_factory=dict)
    quarantined: list[Quarantined] = field(default_factory=list)
    outcomes: Outcomes = field(default_factory=dict)
    unsupported: Counter[tuple[str, str]] = field(default_factory=Counter)
    bugs: list[Exception] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def take(self, items: Iterable[Item], received_at: datetime) -> Self:
        """Every item by exactly one outcome, and no id twice. Never raises.

        A body of thousands is taken in several calls, so that the event loop breathes between.
        """
        for item in items:
            outcome = self._outcome(item, received_at)
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        return self

    def _outcome(self, item: Item, received_at: datetime) -> tuple[str, str]:
        try:
            event = self._guarded(item, received_at)
            if event["id"] in self.seen:
                return "repeated", "same_id"
            event, encoded = self._fitted(event, item, received_at)
        except Quarantined as quarantined:
            self.quarantined.append(quarantined)
            return "quarantined", quarantined.reason
        self.seen.add(event["id"])
        self.events.setdefault(subjects.inbound(event["channel"]), []).append(encoded)
        if event["type"] == UNSUPPORTED:
            self.unsupported[item.channel, item.kind] += 1
            return "unsupported", event["data"]["why"]
        return "accepted", item.kind

    def _guarded(self, item: Item, received_at: datetime) -> Wire:
        """An event for whatever comes. Raises Quarantined."""
        if item.account is None:
            raise Quarantined("no_account", _raw_or_none(item))
        try:
            return self.platform.kinds[item.channel].normalize(item, received_at)
        except ValueError:
            pass
        except Exception as error:  # noqa: BLE001 - a bug must cost this item its shape, not its neighbours
            self.bugs.append(error)
        try:
            return self.platform.kinds[item.channel].unsupported(item, received_at, "malformed")
        except Unwritable:
            raise Quarantined("unwritable", None) from None

    def _fitted(self, event: Wire, item: Item, received_at: datetime) -> tuple[Wire, bytes]:
        """The event and its bytes; with its raw alone when it is too large. Raises Quarantined."""
        why: Why = "oversized"
        try:
            encoded = orjson.dumps(event)
            if len(encoded) <= batch.MAX_EVENT_BYTES:
                return event, encoded
        except TypeError:  # nested too deep, or an integer beyond 64 bits
            why = "malformed"
        try:
            event = self.platform.kinds[item.channel].unsupported(item, received_at, why)
        except Unwritable:
            raise Quarantined("unwritable", None) from None
        encoded = orjson.dumps(event)
        if len(encoded) > MAX_PUBLISHED:
            raise Quarantined("oversized", _raw_or_none(item))
        return event, encoded


def _raw_or_none(item: Item) -> bytes | None:
    try:
        return raw(item.body)
    except Unwritable:
        return None
