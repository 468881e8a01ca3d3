"""parse: how a body is taken apart, whose each item is, and that it never raises."""

import json
from typing import Any

import pytest

from adapter.items import Item
from ingest_meta.channels import META
from ingest_meta.payloads import MAX_KIND
from support import meta


def items(*entries: Any, name: Any = "page") -> list[Item]:
    return META.parse(json.dumps({"object": name, "entry": entries}).encode()).items


def kind_of(**what: Any) -> str:
    (item,) = items(meta.entry(meta.PAGE, meta.act(1, **what)))
    return item.kind


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        (b"", "unparsable"),
        (b"{", "unparsable"),
        (b'{"object": "page", "entry": [\xff]}', "unparsable"),
        (b"[" * 10_000 + b"]" * 10_000, "unparsable"),
        (b"null", "unknown_object"),
        (b"[]", "unknown_object"),
        (b"{}", "unknown_object"),
        (b'{"object": ["page"]}', "unknown_object"),
        (b'{"object": "user", "entry": []}', "unknown_object"),
        (b'{"object": "whatsapp_business_account", "entry": []}', "unknown_object"),
        (b'{"object": "page", "entry": []}', None),
        (b'{"object": "instagram", "entry": [NaN]}', None),
    ],
)
def test_only_what_nobody_can_read_is_refused(body: bytes, refused: str | None) -> None:
    assert META.parse(body).refused == refused


@pytest.mark.parametrize(("name", "channel"), [("page", "messenger"), ("instagram", "instagram")])
def test_the_object_picks_the_channel(name: str, channel: str) -> None:
    found = items(meta.entry("1", meta.text(1)), "entry", {"id": "1"}, name=name)
    assert [item.channel for item in found] == [channel] * 3


@pytest.mark.parametrize(
    ("entry", "kinds"),
    [
        (None, ["malformed"]),
        ({}, ["malformed"]),
        ({"id": "1", "messaging": None}, ["messaging.malformed"]),
        ({"id": "1", "messaging": {}}, ["messaging.malformed"]),
        ({"id": "1", "messaging": []}, []),
        ({"id": "1", "messaging": [None, "x", {}]}, ["messaging.malformed"] * 3),
        ({"id": "1", "standby": [{}]}, ["standby.messaging.malformed"]),
        ({"id": "1", "standby": [1]}, ["standby.malformed"]),
        ({"id": "1", "changes": 3}, ["changes.malformed"]),
        ({"id": "1", "changes": [None, {}, {"field": "feed"}]}, ["malformed"] * 3),
        ({"id": "1", "changes": [{"field": "feed", "value": {}}]}, ["changes.feed"]),
        ({"id": "1", "changes": [{"field": "", "value": {}}]}, ["malformed"]),
        ({"id": "1", "changes": [{"field": "feed", "value": []}]}, ["malformed"]),
        ({"id": "1", "changes": [{"field": "feed", "value": [{}, {}]}]}, ["changes.feed"] * 2),
        ({"id": "1", "changes": [{"field": "feed", "value": [{}, 1]}]}, ["malformed"]),
        ({"id": "1", "field": "comments", "value": {}}, ["changes.comments"]),
        ({"id": "1", "field": "comments", "value": [{}, {}]}, ["changes.comments"] * 2),
        ({"id": "1", "field": "comments"}, ["malformed"]),
        ({"id": "1", "value": {}}, ["malformed"]),
        ({"id": "1", "value": []}, ["malformed"]),
        ({"id": "1", "messaging": [], "changed_fields": ["a"]}, ["entry.changed_fields"]),
        ({"id": "1", "hooks": [{}], "changes": []}, ["entry.hooks"]),
    ],
)
def test_every_shape_becomes_items(entry: Any, kinds: list[str]) -> None:
    assert [item.kind for item in items(entry)] == kinds


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ({"message": {"text": "a"}}, "message.text"),
        ({"message": {"text": ""}}, "message.empty"),
        ({"message": {"text": 7}}, "message.empty"),
        ({"message": {}}, "message.empty"),
        ({"message": None}, "message.malformed"),
        ({"message": []}, "message.malformed"),
        ({"message": {"text": "a", "attachments": [{"type": "image"}]}}, "message.text"),
        ({"message": {"text": "a", "quick_reply": {"payload": "b"}}}, "message.quick_reply"),
        ({"message": {"attachments": [{"type": "image"}] * 3}}, "message.image"),
        ({"message": {"attachments": [{"type": "a"}, {"type": "b"}]}}, "message.attachments"),
        ({"message": {"attachments": [{"type": 3}]}}, "message.malformed"),
        ({"message": {"attachments": ["image"]}}, "message.malformed"),
        ({"message": {"attachments": []}}, "message.empty"),
        ({"message": {"is_deleted": True, "text": "a"}}, "message.deleted"),
        ({"message": {"is_unsupported": True}}, "message.unsupported"),
        ({"message": {"reply_to": {"story": {"id": "1"}}}}, "message.story_reply"),
        ({"message": {"is_echo": True, "text": "a"}}, "echo.text"),
        ({"message": {"is_echo": True, "is_deleted": True}}, "echo.deleted"),
        ({"postback": {}, "prior_message": {}}, "postback"),
        ({"policy-enforcement": {}}, "policy_enforcement"),
        ({"game_plays": {}}, "game_play"),
        ({"status": "restricted", "violations": []}, "business_integrity"),
        ({"telepathy": {}, "aura": {}}, "messaging.aura"),
        ({}, "messaging.malformed"),
    ],
)
def test_the_key_says_what_an_act_is(what: dict[str, Any], kind: str) -> None:
    assert kind_of(**what) == kind


@pytest.mark.parametrize("kind", ["read", "delivery"])
def test_what_the_account_itself_read_is_nobodys_news(kind: str) -> None:
    act = meta.act(1, person=meta.PAGE, account=meta.PSID, **{kind: {"mid": "m_1"}})
    assert [item.kind for item in items(meta.entry(meta.PAGE, act))] == [f"{kind}.own"]


def test_a_kind_has_a_bounded_name() -> None:
    assert len(kind_of(**{"x" * 9999: {}})) == MAX_KIND


@pytest.mark.parametrize(
    ("entry_id", "act", "account"),
    [
        (meta.PAGE, meta.text(1), meta.PAGE),
        (int(meta.PAGE), meta.text(1), meta.PAGE),
        (meta.OTHER_PAGE, meta.text(1), meta.OTHER_PAGE),
        ("0", meta.text(1), meta.PAGE),
        (None, meta.text(1), meta.PAGE),
        (None, meta.echo(1), meta.PAGE),
        ("0", meta.echo(1), meta.PAGE),
        ("0", {"message": {}}, "0"),
        (None, {"message": {}}, None),
        ("x" * 300, {"recipient": {"id": ["1"]}}, None),
    ],
)
def test_whose_an_item_is(entry_id: Any, act: dict[str, Any], account: str | None) -> None:
    found = items({"id": entry_id, "messaging": [act]})
    assert [item.account for item in found] == [account]


@pytest.mark.parametrize("field", ["messages", "messaging_seen", "message_reactions", "anything"])
def test_an_act_as_a_change_is_the_same_act(field: str) -> None:
    act = meta.ig_text(1)
    changes = {"changes": [{"field": field, "value": act}]}
    plain, changed = (
        items(meta.entry(meta.INSTAGRAM, **how), name="instagram")
        for how in ({"messaging": [act]}, changes)
    )
    assert changed == plain
