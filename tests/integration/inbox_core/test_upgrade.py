"""The whole way of a kind nobody has heard of: webhook, thread, upgrade, and what it is.

The adapter's real tables and inbox-core on a real database; only the bus between them is a list.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from adapter.bodies import Normalized
from adapter.items import MESSAGE, Item, Kinds, Made, Platform
from adapter.renormalize import NormalizeHandler
from bus.ports import Delivered
from contracts.batch import decode_event, unpack
from contracts.commands import NormalizeCommand
from contracts.events import Event
from inbox_core.app.chores_port import Wish
from inbox_core.app.renormalize import renormalize
from ingest_whatsapp.normalize import WHATSAPP
from ingest_whatsapp.normalize.people import WRITER, person
from ingest_whatsapp.payloads import CHANNEL
from support import whatsapp as wa
from support.inbox import Inbox

KIND = "message.hologram"
TODAY = WHATSAPP.kinds[CHANNEL]


def hologram(item: Item) -> Made:
    """The row that the next release has."""
    contact = person(item.body, WRITER, item.beside.get("contacts"))
    part = {"kind": "text", "text": f"A hologram of {item.body['hologram']['of']}"}
    data = {"external_id": item.body["id"], "contact": contact, "parts": [part]}
    return Made(MESSAGE, data)


def release(kinds: Kinds) -> Platform:
    return Platform(CHANNEL, WHATSAPP.parse, {CHANNEL: kinds})


NEXT = release(replace(TODAY, version=TODAY.version + 1, table={**TODAY.table, KIND: hologram}))


def webhook() -> bytes:
    first, planted, last = (
        wa.text(1, "before"),
        wa.text(2, type="hologram", text=None, hologram={"of": "R2"}),
        wa.text(3, "after"),
    )
    return wa.body(wa.value(messages=[first, planted, last]))


def taken(platform: Platform, body: bytes) -> list[Event]:
    normalized = Normalized(platform).take(platform.parse(body).items, datetime.now(UTC))
    assert not normalized.bugs
    return [decode_event(item) for item in unpack(b"[%s]" % b",".join(_all(normalized)))]


def _all(normalized: Normalized) -> list[bytes]:
    return [event for events in normalized.events.values() for event in events]


async def answers(platform: Platform, commands: list[Any]) -> list[Event]:
    """What the adapter of a release makes of the raw items."""
    published: list[bytes] = []

    async def publish(_channel: str, event: bytes) -> None:
        published.append(event)

    handler = NormalizeHandler(platform, publish)
    for command in commands:
        delivered = Delivered("", b"", "OUTBOUND", 1, datetime.now(UTC))
        await handler.handle(NormalizeCommand.model_validate(command), delivered)
    return [decode_event(item) for item in unpack(b"[%s]" % b",".join(published))]


async def shown(inbox: Inbox) -> list[tuple[str, str | None]]:
    rows = await inbox.messages()
    return [(row["kind"], json.loads(row["parts"])[0].get("text")) for row in rows]


async def test_a_planted_kind_is_shown_at_once_and_is_what_it_is_after_the_upgrade(
    inbox: Inbox,
) -> None:
    await inbox.receive(*taken(WHATSAPP, webhook()))
    assert await shown(inbox) == [
        ("message", "before"),
        ("unsupported", None),
        ("message", "after"),
    ]
    await inbox.forget_outbox()
    assert await renormalize(inbox.worker, Wish(KIND), inbox.now) == 1
    commands = await inbox.commands()

    await inbox.receive(*await answers(WHATSAPP, commands))  # the old release knows no better
    assert (await shown(inbox))[1] == ("unsupported", None)

    for _ in range(2):  # delivered twice, it is the same
        await inbox.receive(*await answers(NEXT, commands))
        assert await shown(inbox) == [
            ("message", "before"),
            ("message", "A hologram of R2"),
            ("message", "after"),
        ]
    assert await inbox.rows("unsupported_items") == []
    await inbox.receive(*taken(NEXT, webhook()))  # nor does Meta's repeat double it
    assert len(await inbox.messages()) == 3
