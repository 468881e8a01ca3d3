"""Ids: the same fact has the same id, and no id is too long for a key."""

from uuid import UUID

import pytest

from contracts.commands import CommandId
from contracts.ids import MAX_ID_LENGTH, event_id, item_id
from contracts.records import channel_key

MESSAGE = UUID("018f0000-0000-7000-8000-000000000001")


@pytest.mark.parametrize(
    ("parts", "wanted"),
    [
        (("whatsapp", "1", "message", "wamid.X"), "whatsapp:1:message:wamid.X"),
        (("whatsapp", "1", "status", "wamid.X", "read"), "whatsapp:1:status:wamid.X:read"),
    ],
)
def test_an_id_is_made_of_its_parts(parts: tuple[str, ...], wanted: str) -> None:
    assert event_id(*parts) == wanted


def test_a_long_external_id_is_hashed_and_keeps_its_status() -> None:
    long = event_id("instagram", "1", "status", "x" * 5000, "read")
    assert len(long.encode()) <= MAX_ID_LENGTH
    assert long.startswith("instagram:1:status:")
    assert long.endswith(":read")
    assert long != event_id("instagram", "1", "status", "x" * 5001, "read")


def test_an_item_without_an_id_is_known_by_its_bytes() -> None:
    assert item_id("whatsapp", "1", "poll", b"{}") == item_id("whatsapp", "1", "poll", b"{}")
    assert item_id("whatsapp", "1", "poll", b"{}") != item_id("whatsapp", "1", "poll", b"[]")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"{MESSAGE}.1.0", CommandId(MESSAGE, 1, 0)),
        (f"{MESSAGE}.12.3", CommandId(MESSAGE, 12, 3)),
        (f"{MESSAGE}.1", None),
        (f"{MESSAGE}.-1.0", None),
        ("order-4711", None),
        ("-" * 36 + ".1.0", None),
        ("", None),
        (None, None),
    ],
)
def test_only_our_own_command_ids_are_read(text: str | None, wanted: CommandId | None) -> None:
    assert CommandId.parse(text) == wanted
    if wanted is not None:
        assert str(wanted) == text


@pytest.mark.parametrize(
    ("account", "key"),
    [("106540352242922", "whatsapp.106540352242922"), ("a b.c", "whatsapp.a=20b=2Ec")],
)
def test_an_account_is_a_key_of_its_bucket(account: str, key: str) -> None:
    assert channel_key("whatsapp", account) == key
