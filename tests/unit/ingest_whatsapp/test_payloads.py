"""parse: how a body is taken apart, and that it never raises."""

import json
from typing import Any

import pytest

from adapter.items import Item
from ingest_whatsapp.payloads import MAX_KIND, parse
from support import whatsapp as wa


def items(*entries: Any) -> list[Item]:
    return parse(
        json.dumps({"object": "whatsapp_business_account", "entry": entries}).encode()
    ).items


def change(field: Any, value: Any) -> dict[str, Any]:
    return {"id": "1", "changes": [{"field": field, "value": value}]}


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        (b"", "unparsable"),
        (b"{", "unparsable"),
        (b'{"object": "whatsapp_business_account", "entry": [\xff]}', "unparsable"),
        (b'{"object": "\xff"}', "unparsable"),
        (b"[" * 10_000 + b"]" * 10_000, "unparsable"),
        (b'{"a": ' + b"9" * 5000 + b"}", "unparsable"),
        (b"null", "unknown_object"),
        (b"[]", "unknown_object"),
        (b'"text"', "unknown_object"),
        (b"{}", "unknown_object"),
        (b'{"object": "page", "entry": []}', "unknown_object"),
        (b'{"object": ["whatsapp_business_account"]}', "unknown_object"),
        (b'{"object": "whatsapp_business_account", "entry": []}', None),
        (b'\xef\xbb\xbf{"object": "whatsapp_business_account", "entry": []}', None),
        (b'{"object": "whatsapp_business_account", "entry": [NaN]}', None),
    ],
)
def test_only_what_nobody_can_read_is_refused(body: bytes, refused: str | None) -> None:
    assert parse(body).refused == refused


@pytest.mark.parametrize(
    ("entry", "kinds"),
    [
        (None, ["malformed"]),
        ("entry", ["malformed"]),
        ({}, ["malformed"]),
        ({"id": "1", "changes": None}, ["malformed"]),
        ({"id": "1", "changes": {}}, ["malformed"]),
        ({"id": "1", "changes": []}, []),
        ({"id": "1", "changes": [None, "x", {}]}, ["malformed"] * 3),
        (change("messages", []), ["malformed"]),
        (change(7, {}), ["malformed"]),
        (change("", {}), ["malformed"]),
        (change("flows", {}), ["flows"]),
        (change("messages", {"messages": []}), []),
        (change("messages", {"messages": None}), ["messages"]),
        (
            change("messages", {"new_list": [{}, 1]}),
            ["messages.new_list", "messages.new_list.malformed"],
        ),
        (change("messages", {"statuses": "x"}), ["malformed"]),
        (change("messages", {"messages": [{"type": 3}]}), ["message.malformed"]),
        (change("messages", {"messages": [{"type": "unsupported"}]}), ["message.unsupported"]),
        (
            change(
                "messages", {"messages": [{"type": "unsupported", "unsupported": {"type": "x"}}]}
            ),
            ["message.unsupported.x"],
        ),
        (
            change(
                "messages", {"messages": [{"type": "unsupported", "unsupported": {"type": []}}]}
            ),
            ["message.unsupported"],
        ),
        (
            change("messages", {"statuses": [{"status": "failed", "type": "payment"}, {}]}),
            ["payment_status", "status.malformed"],
        ),
        (
            change("history", {"history": [{"threads": [{"messages": [{"type": "text"}, 1]}]}]}),
            ["history.text", "history.malformed"],
        ),
        (
            change("history", {"history": [{"errors": [{}, 1]}, {}, 1]}),
            ["history_error", "history_error.malformed", "history", "history_chunk.malformed"],
        ),
        (change("history", {"messages": [{"type": "image"}]}), ["history_media.image"]),
        (change("messaging_handovers", {"sender": {}}), ["messaging_handovers"]),
    ],
)
def test_every_shape_becomes_items(entry: Any, kinds: list[str]) -> None:
    assert [item.kind for item in items(entry)] == kinds


@pytest.mark.parametrize(
    ("waba", "metadata", "account"),
    [
        ("1", {"phone_number_id": "2"}, "2"),
        ("1", {"phone_number_id": 2}, "2"),
        (1, None, "waba:1"),
        ("1", "metadata", "waba:1"),
        ("1", {"phone_number_id": ""}, "waba:1"),
        ("1", {"phone_number_id": True}, "waba:1"),
        ("1", {"phone_number_id": "x" * 300}, "waba:1"),
        (None, None, None),
        ("x" * 252, None, None),
        ({"id": 1}, {}, None),
    ],
)
def test_whose_an_item_is(waba: Any, metadata: Any, account: str | None) -> None:
    value = {"metadata": metadata, "messages": [wa.text(1)]}
    found = items({"id": waba, "changes": [{"field": "messages", "value": value}]})
    assert [item.account for item in found] == [account]


@pytest.mark.parametrize(
    ("words", "mended", "count"),
    [
        (r"\ud83d", "\ufffd", 1),
        (r"\ude00 and \ud83d", "\ufffd and \ufffd", 1),
        (r"\ud83d\ude00", "😀", 0),
        (r"a\u0000b", "a\ufffdb", 1),
        (r"\\u0000 \\ud83d", r"\u0000 \ud83d", 0),
    ],
)
def test_characters_nothing_can_store_are_replaced(words: str, mended: str, count: int) -> None:
    body = wa.body(wa.value(messages=[wa.text(1, "WORDS"), wa.text(2)]))
    parsed = parse(body.replace(b"WORDS", words.encode()))
    assert [item.body["text"]["body"] for item in parsed.items] == [mended, "Hello"]
    assert parsed.mended == count


def test_keys_are_mended_too() -> None:
    body = wa.body(wa.value(messages=[{"type": "x", "KEY": {"KEY": "v"}}]))
    parsed = parse(body.replace(b"KEY", rb"k\ud800"))
    assert parsed.items[0].body["k\ufffd"] == {"k\ufffd": "v"}
    assert parsed.mended == 2


def test_a_kind_has_a_bounded_name() -> None:
    found = parse(wa.body(wa.value(messages=[wa.text(1, type="x" * 9999)]))).items
    assert len(found[0].kind) == MAX_KIND


def test_the_contacts_of_one_value_are_not_those_of_another() -> None:
    first = wa.value(messages=[wa.text(1)])
    second = wa.value(messages=[wa.text(2)], contacts=[wa.contact("4915112345678")])
    found = parse(wa.body(first, second)).items
    assert [item.beside["contacts"][0]["wa_id"] for item in found] == [wa.PERSON, "4915112345678"]
