"""The tables of kinds: what holds for every row of them."""

import json
from typing import Any

import pytest

from ingest_meta.channels import CHANNELS, META
from support import meta
from support.goldens import DATA, Goldens, events_of

RECORDED = {channel: Goldens(META, DATA / channel).payloads for channel in CHANNELS}


def kinds_recorded(channel: str) -> set[str]:
    return {
        item.kind
        for payload in RECORDED[channel]
        for item in META.parse(payload.read_bytes()).items
    }


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_row_is_shown_by_a_recorded_payload(channel: str) -> None:
    """Echoes are told below; what both channels share is recorded for one of them."""
    rows = {
        kind for kind in CHANNELS[channel].kinds.table if not kind.startswith(("standby.", "echo."))
    }
    assert rows <= set().union(*map(kinds_recorded, CHANNELS))


def messages() -> list[Any]:
    """Every recorded message that a person sent."""
    return [
        pytest.param(CHANNELS[channel].object, item.account, item.body, id=f"{channel}-{path.stem}")
        for channel in CHANNELS
        for path in RECORDED[channel]
        for item in META.parse(path.read_bytes()).items
        if item.kind.startswith("message.") and "mid" in item.body["message"]
    ]


@pytest.mark.parametrize(("name", "account", "act"), messages())
def test_an_echo_says_what_the_message_would_have_said(
    name: str, account: str, act: dict[str, Any]
) -> None:
    echo = {
        **act,
        "sender": act["recipient"],
        "recipient": act.get("sender"),
        "message": {**act["message"], "is_echo": True},
    }
    (said,) = events_of(META, meta.body(name, meta.entry(account, act)))
    (echoed,) = events_of(META, meta.body(name, meta.entry(account, echo)))
    assert echoed["type"] == said["type"]
    for key in ("parts", "external_id", "reply_to", "why"):
        assert echoed["data"].get(key) == said["data"].get(key)
    # Who a person was before they wrote is told of them, never of the account.
    assert (
        echoed["data"].get("contact", {}).get("aliases", [])[:1]
        == (said["data"].get("contact", {}).get("aliases", [])[:1])
    )
    if "direction" in said["data"]:
        assert echoed["data"]["direction"] == "outbound"


@pytest.mark.parametrize(
    "act",
    [
        meta.text(1),
        meta.echo(1),
        meta.act(1, message={"mid": meta.mid(1), "is_deleted": True}),
        meta.act(1, message_edit={"mid": meta.mid(1), "text": "New", "num_edit": 2}),
        meta.act(1, reaction={"mid": meta.mid(1), "action": "unreact"}),
        meta.act(1, delivery={"watermark": meta.ms(1)}),
        meta.act(1, read={"watermark": meta.ms(1)}),
        meta.act(1, postback={"payload": "GO"}),
        meta.act(1, referral={"ref": "flyer"}),
    ],
    ids=lambda act: next(reversed(act)),
)
def test_a_fact_keeps_its_id_by_standby_and_with_numbers_for_words(act: dict[str, Any]) -> None:
    spelled = json.loads(json.dumps(act), parse_int=str)
    spelled["sender"] = {"id": int(act["sender"]["id"])}
    bodies = (
        meta.entry(meta.PAGE, act),
        meta.entry(meta.PAGE, spelled),
        meta.entry(meta.PAGE, standby=[act]),
        meta.entry(meta.PAGE, changes=[{"field": "messages", "value": act}]),
    )
    assert len(events_of(META, meta.body(meta.PAGE_OBJECT, *bodies))) == 1


def test_seconds_and_milliseconds_are_the_same_moment() -> None:
    moments = (meta.AT + 1, (meta.AT + 1) * 1000, str(meta.AT + 1), f"{meta.AT + 1}000")
    times = {
        event["time"]
        for at in moments
        for event in events_of(
            META,
            meta.body(meta.PAGE_OBJECT, meta.entry(meta.PAGE, {**meta.text(1), "timestamp": at})),
        )
    }
    assert times == {"2026-09-21T14:13:21.000Z"}


def test_undated_news_of_next_month_are_no_repeat() -> None:
    change = {"changes": [{"field": "mentions", "value": {"media_id": "1"}}]}
    entries = [meta.entry(meta.INSTAGRAM, number=number, **change) for number in (1, 2, 2)]
    assert len(events_of(META, meta.body(meta.INSTAGRAM_OBJECT, *entries))) == 2


OURS = "01996d3a-7c11-7f02-9b44-5f0e6a8d2c17.1.0"


@pytest.mark.parametrize(
    ("app_id", "metadata", "via", "client_ref"),
    [
        (None, None, "app", None),
        (263902037430900, None, "app", None),
        (meta.APP, "not ours", meta.APP, None),
        (int(meta.APP), OURS, meta.APP, OURS),
        (None, {"not": "words"}, "app", None),
    ],
)
def test_where_an_echo_was_written(
    app_id: Any, metadata: Any, via: str, client_ref: str | None
) -> None:
    fields = {"app_id": app_id, "metadata": metadata}
    (event,) = events_of(
        META, meta.body(meta.PAGE_OBJECT, meta.entry(meta.PAGE, meta.echo(1, **fields)))
    )
    assert event["data"]["via"] == via
    assert event["data"].get("client_ref") == client_ref
