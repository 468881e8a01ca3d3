"""What was once on the wire can always be read: golden files of every released version.

Within a version fields are only added. `v1/*.json` are batches as released; a change here that
breaks one breaks every message still in a stream.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.batch import NotReadable, decode_command, decode_event, encode, pack, unpack
from contracts.changes import ChangeEvent

RELEASED = sorted((Path(__file__).parent / "v1").glob("*.json"))


@pytest.mark.parametrize("path", RELEASED, ids=lambda path: path.stem)
def test_a_released_message_is_read_whole(path: Path) -> None:
    body = path.read_bytes()
    for item in unpack(body):
        match path.stem.split("-")[0]:
            case "command":
                again = encode(decode_command(item))
            case "change":
                again = encode(ChangeEvent.model_validate(item))
            case _:
                again = encode(decode_event(item))
        assert_kept(item, json.loads(again), "")


def assert_kept(before: Any, after: Any, where: str) -> None:
    """Everything of `before` stands in `after`, which may have more fields."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            assert key in after, f"{where}.{key} is gone"
            assert_kept(value, after[key], f"{where}.{key}")
    elif isinstance(before, list) and isinstance(after, list):
        assert len(before) == len(after), where
        for index, value in enumerate(before):
            assert_kept(value, after[index], f"{where}[{index}]")
    else:
        assert before == after, where


def test_every_kind_of_event_has_a_released_example() -> None:
    kinds = {item["type"] for path in RELEASED for item in unpack(path.read_bytes())}
    assert {f"sluice.{kind}.v1" for kind in KINDS} <= kinds


KINDS = (
    "message",
    "edit",
    "deletion",
    "reaction",
    "delivery",
    "contact",
    "thread_control",
    "account",
    "unsupported",
    "send_result",
    "watermark",
    "rating",
    "media_result",
    "profile_result",
    "action_result",
    "send",
    "action",
    "media",
    "profile",
    "normalize",
)


def test_a_reader_ignores_fields_it_does_not_know() -> None:
    [item] = unpack((Path(__file__).parent / "v1" / "event-deletion.json").read_bytes())
    newer = {**item, "traceparent": "00-…", "data": {**item["data"], "reason": "spam"}}
    assert decode_event(newer) == decode_event(item)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"{", "not JSON"),
        (b'{"specversion":"1.0"}', "not a batch"),
        (b'[{"type":"sluice.delivery.v1"}]', "id: Field required"),
        (b'[{"type":"sluice.invented.v9"}]', "does not match any of the expected tags"),
        (b"[17]", "event: "),
    ],
)
def test_what_cannot_be_read_is_named(body: bytes, says: str) -> None:
    with pytest.raises(NotReadable) as refused:
        [decode_event(item) for item in unpack(body)]
    assert says in str(refused.value)


def test_packing_and_unpacking_are_inverse() -> None:
    [path] = [path for path in RELEASED if path.stem == "event-message"]
    events = [encode(decode_event(item)) for item in unpack(path.read_bytes())]
    assert unpack(pack(events)) == [json.loads(event) for event in events]
