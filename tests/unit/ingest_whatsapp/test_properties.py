"""Whatever comes, nothing is lost and nothing raises: hypothesis against parse and the table."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest_whatsapp.normalize import WHATSAPP
from ingest_whatsapp.payloads import LISTS, OBJECT, parse
from support import payload_properties as pp
from support.goldens import DATA, Goldens, events_of

LAW = pp.Law(WHATSAPP)
PAYLOADS = Goldens(WHATSAPP, DATA / "whatsapp").payloads
NAMES = [path.stem for path in PAYLOADS]
GOLDEN = pp.recorded(PAYLOADS)
TEXT = GOLDEN[NAMES.index("text_phone_bsuid_and_parent")]
TEXT_KEYS = sorted({key for node in pp.objects(TEXT) for key in node} - {"id"} | {"id"})
ENTRIES = pp.entries_of(GOLDEN)
WORDS = sorted({
    "entry", "changes", "field", "value", "metadata", "phone_number_id", "time", "statuses",
    *(key for node in pp.objects(GOLDEN) for key in node), *LISTS,
    *(name for lists in LISTS.values() for name in lists),
})  # fmt: skip
"""Every key of every recorded payload."""
SCALARS = sorted({
    "US.1", "M0", "16505551234",
    *(value for node in pp.objects(GOLDEN) for value in node.values()
      if isinstance(value, str) and len(value) < 30 and value.isascii()),
})  # fmt: skip
LOOSE = {
    "id", "from", "to", "timestamp", "time", "wa_id", "recipient_id", "code", "latitude",
    "longitude", "quantity", "item_price", "duration", "message_id", "phone_number",
    "phone_number_id", "display_phone_number", "expiration_timestamp", "start_time",
    "previous_owner_app_id", "new_owner_app_id",
}  # fmt: skip
"""Fields that hold ids, moments and numbers: they come as either."""
ENVELOPE = {"object", "entry", "changes", "field", "value", "messages", "from"}
"""What no message can do without; of `from` and the BSUID beside it one is enough."""
AS_IT_CAME = {"sluice.account.v1", "sluice.unsupported.v1"}
"""Types of events that quote their item."""
webhook_like = pp.webhook_like(WORDS, [*SCALARS, 1790000000])


def said(body: dict[str, Any]) -> list[Any]:
    """What a body's events say; of those that quote their item only that they are there."""
    return [
        event["type"]
        if event["type"] in AS_IT_CAME
        else (event["type"], event["time"], event["data"])
        for event in events_of(WHATSAPP, pp.written(body))
    ]


def body_of(entries: list[Any]) -> bytes:
    return pp.written({"object": OBJECT, "entry": entries})


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    LAW.holds(body)


@given(pp.values)
def test_any_json(value: Any) -> None:
    LAW.holds(pp.written(value))


@given(st.lists(webhook_like, max_size=4))
def test_any_entries(found: list[Any]) -> None:
    LAW.holds(body_of(found))


@given(st.sampled_from(sorted(LISTS)), st.dictionaries(st.sampled_from(WORDS), webhook_like))
def test_any_value_of_a_known_field(field: str, value: dict[str, Any]) -> None:
    LAW.holds(body_of([{"id": "1", "changes": [{"field": field, "value": value}]}]))


@given(pp.merged(ENTRIES))
def test_merged_shuffled_and_repeated_bodies_make_the_same_events(
    entries: tuple[list[Any], list[Any]],
) -> None:
    apart, together = entries
    expected = set[str]().union(*(LAW.ids(body_of([entry])) for entry in apart))
    assert LAW.ids(body_of(together)) == expected


@given(st.sampled_from(GOLDEN), st.data())
def test_a_truncated_body_is_refused_whole(golden: dict[str, Any], data: st.DataObject) -> None:
    body = pp.written(golden)
    cut = data.draw(st.integers(min_value=0, max_value=len(body) - 1))
    assert parse(body[:cut]).refused == "unparsable"


@given(st.sampled_from(GOLDEN), st.data())
def test_one_changed_byte(golden: dict[str, Any], data: st.DataObject) -> None:
    body = bytearray(pp.written(golden))
    place = data.draw(st.integers(min_value=0, max_value=len(body) - 1))
    body[place] = data.draw(st.integers(min_value=0, max_value=255))
    LAW.holds(bytes(body))


@given(st.sampled_from(GOLDEN), st.data())
def test_one_replaced_value(golden: dict[str, Any], data: st.DataObject) -> None:
    mutant = json.loads(json.dumps(golden))
    if setters := pp.places(mutant):
        setters[data.draw(st.integers(0, len(setters) - 1))](data.draw(webhook_like))
    LAW.holds(pp.written(mutant))


@given(pp.mutated(GOLDEN, webhook_like))
def test_fields_gone_retyped_added_and_replaced(mutant: dict[str, Any]) -> None:
    LAW.holds(pp.written(mutant))


@given(pp.grown(GOLDEN))
def test_a_key_of_next_year_changes_no_outcome(
    bodies: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    before, after = bodies
    assert LAW.holds(pp.written(after)).outcomes == LAW.holds(pp.written(before)).outcomes


@given(st.sets(st.sampled_from(TEXT_KEYS)))
def test_a_text_is_understood_while_it_has_an_id_a_writer_and_words(
    gone: set[str],
) -> None:
    body = pp.without(TEXT, gone)
    written_by = {"from", "from_user_id", "from_parent_user_id"} - gone
    needed = {"object", "entry", "changes", "field", "value", "messages", "text", "body"}
    understood = bool(written_by) and not gone & (needed | {"id"})
    accepted = LAW.holds(pp.written(body)).outcomes.get(("accepted", "message.text"), 0)
    assert bool(accepted) is understood


@pytest.mark.parametrize("body", GOLDEN, ids=NAMES)
def test_numbers_may_be_text_and_text_numbers(body: dict[str, Any]) -> None:
    assert said(pp.changed(body, LOOSE, pp.retyped)) == said(body)


@pytest.mark.parametrize("body", GOLDEN, ids=NAMES)
def test_seconds_may_be_milliseconds(body: dict[str, Any]) -> None:
    def moment(value: Any) -> Any:
        return pp.milliseconds(value) if str(value).isdecimal() and len(str(value)) == 10 else value

    assert said(pp.changed(body, {"timestamp", "time"}, moment)) == said(body)


@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("text", {"id", "text", "body"}),
        ("image_with_an_address", {"id", "image"}),
        ("audio_voice_note", {"id", "audio"}),
        ("document", {"id", "document"}),
        ("sticker_animated", {"id", "sticker"}),
        ("location", {"id", "location", "latitude", "longitude"}),
        ("contacts_two_cards", {"id", "contacts"}),
        ("interactive_button_reply", {"id", "interactive", "button_reply"}),
        ("interactive_list_reply", {"id", "interactive", "list_reply"}),
        ("interactive_flow", {"id", "interactive", "nfm_reply"}),
        ("interactive_call_permission", {"id", "interactive", "call_permission_reply", "response"}),
        ("button_of_a_template", {"id", "button"}),
        ("order", {"id", "order"}),
        # A hash names what is done to a message, where it has no id of its own.
        ("reaction", {"reaction", "message_id"}),
        ("revoke", {"revoke", "original_message_id"}),
    ],
)
def test_what_a_message_cannot_do_without(name: str, needs: set[str]) -> None:
    body = GOLDEN[NAMES.index(name)]
    found = set[str]()
    for key in {key for node in pp.objects(body) for key in node}:
        events = events_of(WHATSAPP, pp.written(pp.without(body, {key})))
        if not events or events[0]["type"] == "sluice.unsupported.v1":
            found.add(key)
    assert found == needs | ENVELOPE


def test_a_message_comes_to_a_number_or_at_least_to_an_account() -> None:
    made = LAW.holds(pp.written(pp.without(TEXT, {"phone_number_id"})))
    assert made.outcomes == {("accepted", "message.text"): 1}
