"""Whatever became of an item, the witness knows it again, and says what it lacks."""

from typing import Any

import pytest

from sluice_local.demo.items import Inbound, Traffic
from sluice_local.demo.options import Options
from sluice_local.demo.sightings import Witness
from sluice_local.demo.thoughts import Thought
from sluice_local.demo.traffic import plan

FILE = "0190aaaa-0000-7000-8000-000000000001"
MESSAGE = "0190aaaa-0000-7000-8000-00000000000a"
PLANNED = plan(Options(20, 2, 4, media=0.5, channels=("messenger",)), "0123abcd")


def only(*thoughts: Thought) -> Traffic:
    return Traffic(PLANNED.marks, PLANNED.waves, PLANNED.replies, thoughts)


TEXT = next(one for one in PLANNED.inbound() if one.is_text)
WITH_FILE = next(one for one in PLANNED.inbound() if one.file)
REPLY = next(iter(PLANNED.all_replies()))


def view(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": MESSAGE, "conversation_id": "c", "version": 1, "kind": "message",
        "direction": "inbound", "hidden": False, "client_msg_id": None, "delivery": None,
        "deleted_at": None, "reactions": [], "parts": list(parts), **more,
    }  # fmt: skip


def file_part(state: str, file_id: str | None = None) -> dict[str, Any]:
    return {"kind": "image", "text": None, "media": {"state": state, "file_id": file_id}}


@pytest.mark.parametrize(
    ("message", "key"),
    [
        (view({"kind": "text", "text": TEXT.text}), TEXT.key),
        (view({"kind": "choice", "text": "Yes", "data": {"id": TEXT.text}}), TEXT.key),
        (view({"kind": "buttons", "text": "?"}, client_msg_id=REPLY.client_msg_id), REPLY.key),
        (view(file_part("ready", FILE)), WITH_FILE.key),
        (view(file_part("pending")), None),
        (view(file_part("ready", "another")), None),
        (view({"kind": "text", "text": "Hello"}), None),
    ],
)
def test_it_is_known_by_mark_or_file_or_client_id(message: dict[str, Any], key: str | None) -> None:
    witness = Witness(PLANNED)
    witness.digests[FILE] = _file(WITH_FILE)
    assert witness.key_of(message) == key


def test_what_was_taken_back_is_known_by_what_it_was() -> None:
    witness = Witness(only(Thought("unsend", TEXT.key)))
    before = witness.copy_of(view({"kind": "text", "text": TEXT.text}))
    after = witness.copy_of(view(deleted_at="2026-11-21T00:00:00Z"))
    assert before is not None
    assert before.lacks == "shows no unsend"
    assert after is not None
    assert (after.key, after.lacks) == (TEXT.key, None)


@pytest.mark.parametrize(
    ("part", "digest", "lacks"),
    [
        (file_part("ready", FILE), "its own", None),
        (file_part("ready", FILE), "00", "has a file of other bytes"),
        (file_part("ready", FILE), None, "has a file of other bytes"),
        (file_part("pending"), None, "has a file that is pending"),
        (file_part("failed"), None, "has a file that is failed"),
        ({"kind": "image"}, None, "has a file that is missing"),
    ],
)
def test_a_file_has_to_be_there_with_its_bytes(
    part: dict[str, Any], digest: str | None, lacks: str | None
) -> None:
    witness = Witness(PLANNED)
    if digest is not None:
        witness.digests[FILE] = _file(WITH_FILE) if digest == "its own" else digest
    copy = witness.copy_of(view({**part, "text": WITH_FILE.text}))
    assert copy is not None
    assert copy.lacks == lacks


@pytest.mark.parametrize(
    ("thought", "more"),
    [
        (Thought("reaction", TEXT.key, "❤"), {"reactions": [{"by": "psid:1", "emoji": "❤"}]}),
        (Thought("our_reaction", TEXT.key, "❤"), {"reactions": [{"by": "us", "emoji": "❤"}]}),
        (Thought("edit", TEXT.key, f"I meant {TEXT.text}"), {}),
    ],
)
def test_a_second_thought_has_to_show(thought: Thought, more: dict[str, Any]) -> None:
    witness = Witness(only(thought))
    text = thought.words if thought.kind == "edit" else TEXT.text
    before = witness.copy_of(view({"kind": "text", "text": TEXT.text}))
    after = witness.copy_of(view({"kind": "text", "text": text}, **more))
    assert before is not None
    assert before.lacks == f"shows no {thought.kind}"
    assert after is not None
    assert after.lacks is None


@pytest.mark.parametrize(
    ("message", "strange"),
    [
        (view({"kind": "text", "text": "Hello"}), True),
        (view({"kind": "text", "text": "Hello"}, direction="outbound"), True),
        (view(file_part("ready", "another")), True),
        (view(file_part("pending")), False),
        (view({"kind": "text", "text": TEXT.text}), False),
        (view({"kind": "notice", "text": None}, kind="event"), False),
        (view(hidden=True), False),
    ],
)
def test_a_stranger_is_no_item_and_cannot_become_one(
    message: dict[str, Any],
    strange: bool,  # noqa: FBT001 - a row
) -> None:
    assert Witness(PLANNED).is_stranger(message) is strange


def entry(ref: str | None, **more: Any) -> dict[str, Any]:
    return {
        "number": 7, "kind": "message", "ref": ref, "wamid": "m_1", "sha256": None, "body": {},
        **more,
    }  # fmt: skip


def test_an_entry_of_the_ledger_is_known_by_the_id_of_its_command() -> None:
    witness = Witness(PLANNED)
    witness.key_of(view({"kind": "text"}, client_msg_id=REPLY.client_msg_id))
    found = witness.accepted(entry(f"{MESSAGE}.1.2"))
    assert found is not None
    assert (found.key, found.part, found.id) == (REPLY.key, 2, "m_1")
    assert witness.accepted(entry(f"{FILE}.1.0")) is None
    assert witness.accepted(entry(None)) is None
    assert witness.accepted(entry(f"{MESSAGE}.1.0", kind="action")) is None


@pytest.mark.parametrize(
    "body",
    [
        {"reaction": {"message_id": TEXT.id, "emoji": "❤"}},
        {"sender_action": "react", "payload": {"message_id": TEXT.id, "reaction": "❤"}},
    ],
)
def test_our_emoji_is_known_by_the_message_it_is_on(body: dict[str, Any]) -> None:
    assert Witness(PLANNED).reacted(entry(None, body=body)) == TEXT.key
    assert Witness(PLANNED).reacted(entry(None)) is None


def _file(message: Inbound) -> str:
    assert message.file is not None
    return message.file.sha256
