"""Normalized: every item of a body by exactly one outcome."""

import json
from typing import Any

import pytest
from typing_extensions import override

from adapter.bodies import MAX_PUBLISHED, Normalized
from adapter.items import Item
from contracts import batch
from ingest_whatsapp.normalize import WHATSAPP
from ingest_whatsapp.payloads import CHANNEL, parse
from support import whatsapp as wa
from support.goldens import RECEIVED_AT, events_in


def taken(body: bytes) -> Normalized:
    return Normalized(WHATSAPP).take(parse(body).items, RECEIVED_AT)


def data(normalized: Normalized) -> list[dict[str, Any]]:
    return [event["data"] for event in events_in(normalized)]


def nested(depth: int) -> Any:
    value: Any = "deep"
    for _ in range(depth):
        value = [value]
    return value


def test_the_same_id_twice_is_one_event_whatever_the_rest_says() -> None:
    normalized = taken(wa.body(wa.value(messages=[wa.text(1, "first"), wa.text(1, "second")])))
    assert [event["parts"][0]["text"] for event in data(normalized)] == ["first"]
    assert normalized.outcomes == {("accepted", "message.text"): 1, ("repeated", "same_id"): 1}


def test_the_same_id_of_two_accounts_is_two_events() -> None:
    message = wa.text(1)
    normalized = taken(
        wa.body(wa.value("1", messages=[message]), wa.value("2", messages=[message]))
    )
    assert len(events_in(normalized)) == 2


def test_a_repeat_is_found_across_slices() -> None:
    found = parse(wa.texts([1, 2, 1])).items
    normalized = Normalized(WHATSAPP).take(found[:2], RECEIVED_AT).take(found[2:], RECEIVED_AT)
    assert normalized.outcomes["repeated", "same_id"] == 1


def test_an_item_of_no_account_is_quarantined_with_its_bytes() -> None:
    normalized = Normalized(WHATSAPP).take(
        [Item("message.text", None, wa.text(1), channel=CHANNEL)], RECEIVED_AT
    )
    (quarantined,) = normalized.quarantined
    assert quarantined.reason == "no_account"
    assert json.loads(quarantined.body or b"") == wa.text(1)


def test_a_large_event_is_published_with_its_raw_alone() -> None:
    normalized = taken(wa.body(wa.value(messages=[wa.text(1, "x" * batch.MAX_EVENT_BYTES)])))
    (event,) = data(normalized)
    assert event["why"] == "oversized"
    assert event["external_id"] == "wamid.TEXT000001"
    assert json.loads(event["raw"])["text"]["body"] == "x" * batch.MAX_EVENT_BYTES


def test_what_is_too_large_even_so_is_quarantined_with_its_bytes() -> None:
    words = '"' * (MAX_PUBLISHED // 3)
    normalized = taken(wa.body(wa.value(messages=[wa.text(1, words), wa.text(2)])))
    assert [q.reason for q in normalized.quarantined] == ["oversized"]
    assert json.loads(normalized.quarantined[0].body or b"")["text"]["body"] == words
    assert len(events_in(normalized)) == 1


@pytest.mark.parametrize(
    ("depth", "outcomes"),
    [
        (200, {("unsupported", "unknown_kind"): 1, ("accepted", "message.text"): 1}),
        (400, {("unsupported", "unknown_kind"): 1, ("accepted", "message.text"): 1}),
        (1000, {("quarantined", "unwritable"): 1, ("accepted", "message.text"): 1}),
    ],
)
def test_depth_costs_at_most_the_item_itself(
    depth: int, outcomes: dict[tuple[str, str], int]
) -> None:
    deep = Item(
        "message.deep", "1", {"id": "1", "type": "deep", "deep": nested(depth)}, channel=CHANNEL
    )
    normalized = Normalized(WHATSAPP).take([deep, *parse(wa.texts([1])).items], RECEIVED_AT)
    assert normalized.outcomes == outcomes


def test_a_deep_referral_leaves_the_message_unsupported_and_kept() -> None:
    normalized = taken(wa.body(wa.value(messages=[wa.text(1, referral={"deep": nested(600)})])))
    (event,) = data(normalized)
    assert (event["why"], event["external_id"]) == ("malformed", "wamid.TEXT000001")


def test_a_bug_of_ours_costs_one_item_its_shape() -> None:
    class Trap(dict[str, Any]):
        """A payload that finds the hole in a normalizer."""

        @override
        def get(self, key: str, default: Any = None) -> Any:
            if key == "text":
                raise RuntimeError("a bug")
            return super().get(key, default)

    good, bad = wa.text(1), Trap(wa.text(2))
    found = [Item("message.text", "1", body, channel=CHANNEL) for body in (bad, good)]
    normalized = Normalized(WHATSAPP).take(found, RECEIVED_AT)
    assert [str(bug) for bug in normalized.bugs] == ["a bug"]
    assert normalized.outcomes == {
        ("unsupported", "malformed"): 1,
        ("accepted", "message.text"): 1,
    }


def test_an_event_says_which_version_made_it() -> None:
    (event,) = events_in(taken(wa.texts([1])))
    assert event["normalizer"] == WHATSAPP.kinds[CHANNEL].version


@pytest.mark.parametrize("kind", ["image", "sticker", "reaction", "hologram"])
def test_a_message_keeps_its_id_whatever_is_made_of_it(kind: str) -> None:
    made = [
        event["id"]
        for body in (wa.text(1), wa.text(1, type=kind))
        for event in events_in(taken(wa.body(wa.value(messages=[body]))))
    ]
    assert made[0] == made[1]


def test_the_same_restriction_next_month_is_another_event() -> None:
    change = {"field": "account_update", "value": {"event": "ACCOUNT_RESTRICTION"}}
    ids = set()
    for time in (1790000000, 1792600000, 1790000000):
        entry = {"id": wa.WABA, "time": time, "changes": [change]}
        body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]})
        ids |= {event["id"] for event in events_in(taken(body.encode()))}
    assert len(ids) == 2
