"""Messages and what reaches them out of order: edits, deletions, reactions, statuses."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest

from inbox_core.domain.delivery import Delivery, Rank
from inbox_core.domain.message import Message
from inbox_core.domain.preview import MAX_PREVIEW, preview
from inbox_core.domain.references import Reference, RefKey

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ID = UUID(int=1)
Fact = Callable[[Reference, Message | None], object]
Facts = dict[str, Fact]


def message(text: str = "hello", **fields: object) -> Message:
    values = {
        "workspace_id": ID,
        "id": ID,
        "conversation_id": ID,
        "channel_id": ID,
        "direction": "inbound",
        "kind": "message",
        "author_type": "contact",
        "parts": [{"kind": "text", "text": text}],
        "sent_at": NOW,
        "created_at": NOW,
    }
    return Message(**{**values, **fields})  # type: ignore[arg-type] # a builder of rows


def at(seconds: int) -> datetime:
    return NOW + timedelta(seconds=seconds)


def edited(text: str, when: int) -> Fact:
    parts = [{"kind": "text", "text": text}]
    return lambda ref, msg: msg.edit(at(when), parts) if msg else ref.hold_edit(at(when), parts)


def reacted(emoji: str | None, when: int) -> Fact:
    return lambda ref, msg: (
        msg.react("49151", emoji, at(when)) if msg else ref.hold_reaction("49151", emoji, at(when))
    )


def deleted(when: int) -> Fact:
    return lambda ref, msg: msg.delete(at(when)) if msg else ref.hold_deletion(at(when))


ROWS: dict[str, Facts] = {
    "two edits and a reaction": {
        "first": edited("one", 1),
        "second": edited("two", 2),
        "thumb": reacted("👍", 3),
    },
    "a reaction and its removal": {"thumb": reacted("👍", 1), "none": reacted(None, 2)},
    "an edit, a reaction and an unsend": {
        "edit": edited("one", 1),
        "thumb": reacted("👍", 2),
        "gone": deleted(3),
    },
}


@pytest.mark.parametrize("facts", ROWS.values(), ids=ROWS.keys())
def test_every_order_of_message_and_facts_ends_the_same(facts: Facts) -> None:
    ends = set()
    for order in permutations(["message", *facts]):
        reference = Reference(RefKey(ID, ID, "wamid.1"))
        arrived: Message | None = None
        for name in order:
            if name == "message":
                arrived = message()
                reference.settle(arrived, None)
            else:
                facts[name](reference, arrived)
        assert arrived is not None
        ends.add(repr((arrived.parts, arrived.reactions, arrived.edited_at, arrived.deleted_at)))
    assert len(ends) == 1


def test_a_status_waits_for_its_message() -> None:
    reference = Reference(RefKey(ID, ID, "wamid.1"))
    for rank in (Rank.READ, Rank.SENT, Rank.DELIVERED):
        reference.hold_status(rank, NOW, None)
    sent = message(direction="outbound")
    delivery = Delivery(ID, ID, 0, ID, ID, seq=1, queued_at=NOW, changed_at=NOW)
    assert reference.settle(sent, delivery)
    assert delivery.rank == Rank.READ
    assert reference.held is None


@pytest.mark.parametrize(
    ("shown", "line"),
    [
        (message("  two\n words "), "two words"),
        (message("hi", author_type="user"), "You: hi"),
        (message("hi", author_type="ai"), "AI: hi"),
        (message("x" * 500), "x" * MAX_PREVIEW),
        (message(parts=[{"kind": "image", "media": {}}]), "📎 Photo"),
        (message(kind="unsupported", parts=[{"kind": "unsupported"}]), "Unsupported message"),
        (message(deleted_at=NOW, parts=[]), "Message deleted"),
    ],
)
def test_the_preview_is_one_line(shown: Message, line: str) -> None:
    assert preview(shown) == line
