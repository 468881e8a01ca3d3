"""What was kept raw is understood by the next table, under the id it had."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from adapter.fields import Wire, mapping, required
from adapter.items import MESSAGE, UNSUPPORTED, Item, Kinds, Made, Make, Parsed, Platform
from adapter.renormalize import NormalizeHandler
from bus.commanding import Done
from bus.ports import Delivered
from contracts import batch
from contracts.commands import Normalize, NormalizeCommand
from contracts.events import Event, MessageEvent, UnsupportedEvent
from contracts.ids import event_id

ARRIVED = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
HOLOGRAM = "message.hologram"
RAW: Wire = {
    "id": "wamid.1",
    "from": "15550100",
    "timestamp": "1790000001",
    "hologram": {"of": "R2"},
}
KEPT_ID = "mars:7:hologram:wamid.1"
"""The first version named it otherwise than the second would."""


def hologram(item: Item) -> Made:
    """A message that shows a hologram, and needs a name from beside the item."""
    body = mapping(item.body)
    contact = {"aliases": [{"kind": "phone", "value": required(body.get("from"))}]}
    shown = required(mapping(body.get("hologram")).get("of"))
    name = mapping(item.beside).get("name")
    parts = [{"kind": "hologram", "text": shown}]
    return Made(
        MESSAGE,
        {"external_id": body["id"], "contact": {**contact, "name": name}, "parts": parts},
    )


def broken(_: Item) -> Made:
    raise KeyError("a bug")


def platform(version: int, table: Mapping[str, Make]) -> Platform:
    def named(item: Item, account: str) -> str:
        return event_id("mars", account, "message", str(mapping(item.body).get("id")))

    kinds = Kinds("mars", version, table, named, lambda _: {"external_id": "wamid.1"})
    return Platform("mars", lambda _: Parsed([]), {"mars": kinds})


FIRST = platform(1, {})
SECOND = platform(2, {HOLOGRAM: hologram})


def kept(body: Any = RAW, kind: str = HOLOGRAM) -> Wire:
    """The item as the first version kept it."""
    item = Item(kind, "7", body, {"name": "Leia"}, entry_time=1790000002, channel="mars")
    event = FIRST.kinds["mars"].normalize(item, ARRIVED)
    assert event["type"] == UNSUPPORTED
    return event


def command(event: Wire, channel: str = "mars", **fields: Any) -> NormalizeCommand:
    """What inbox-core asks of it months later."""
    data = event["data"]
    values = {"kind": data["kind"], "raw": data["raw"], "beside": data.get("beside"), **fields}
    return NormalizeCommand(
        id=f"normalize.{KEPT_ID}.2",
        time=NOW,
        channel=channel,
        account="7",
        data=Normalize(event_id=KEPT_ID, received_at=ARRIVED, **values),
    )


async def answer(platform: Platform, asked: NormalizeCommand) -> list[Event]:
    """What is published; the handler is done whatever comes."""
    published: list[tuple[str, bytes]] = []

    async def publish(channel: str, event: bytes) -> None:
        published.append((channel, event))

    body = batch.pack([batch.encode(asked)])
    message = Delivered("outbound.mars.normalize", body, "OUTBOUND", 1, NOW)
    assert await NormalizeHandler(platform, publish).handle(asked, message) == Done()
    assert {channel for channel, _ in published} <= {"mars"}
    return [batch.decode_event(one) for _, e in published for one in batch.unpack(batch.pack([e]))]


async def test_the_next_version_makes_a_message_of_it() -> None:
    [event] = await answer(SECOND, command(kept()))
    assert isinstance(event, MessageEvent)
    assert (event.id, event.renormalized, event.normalizer) == (KEPT_ID, True, 2)
    assert event.time == datetime.fromtimestamp(1790000001, UTC)
    assert event.data.contact.name == "Leia"
    assert event.data.parts[0].text == "R2"


async def test_the_time_of_the_entry_is_kept_too() -> None:
    without_time = {name: value for name, value in RAW.items() if name != "timestamp"}
    [event] = await answer(SECOND, command(kept(without_time)))
    assert event.time == datetime.fromtimestamp(1790000002, UTC)


async def test_without_any_time_it_is_when_it_arrived_and_not_now() -> None:
    without_time = {name: value for name, value in RAW.items() if name != "timestamp"}
    [event] = await answer(SECOND, command(kept(without_time), beside=None))
    assert event.time == ARRIVED


@pytest.mark.parametrize(
    ("label", "again", "body", "why"),
    [
        ("nobody understands it yet", platform(3, {}), RAW, "unknown_kind"),
        ("it lacks what its kind needs", SECOND, {"id": "wamid.1"}, "malformed"),
        ("the new table has a bug", platform(3, {HOLOGRAM: broken}), RAW, "malformed"),
        ("it is no object", SECOND, ["odd", 10**15], "malformed"),
    ],
)
async def test_what_stays_unsupported_carries_the_new_number(
    label: str, again: Platform, body: Any, why: str
) -> None:
    before = kept(body)
    [event] = await answer(again, command(before))
    assert isinstance(event, UnsupportedEvent), label
    assert (event.id, event.renormalized) == (KEPT_ID, True)
    assert event.normalizer == again.kinds["mars"].version
    assert (event.data.why, event.data.raw) == (why, before["data"]["raw"])
    assert event.data.beside == before["data"]["beside"]


@pytest.mark.parametrize(
    ("label", "channel", "fields"),
    [
        ("raw that is no JSON", "mars", {"raw": "{"}),
        ("raw too deep to read", "mars", {"raw": "[" * 100_000}),
        ("beside that is no JSON", "mars", {"beside": "nil"}),
        ("a channel type of nobody's", "venus", {}),
    ],
)
async def test_what_cannot_be_read_is_counted_and_done(
    label: str, channel: str, fields: dict[str, Any]
) -> None:
    assert await answer(SECOND, command(kept(), channel, **fields)) == [], label
