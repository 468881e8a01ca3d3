"""Events become conversations: what a support team would see of each story."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from contracts.events import (
    ContactEvent,
    ContactUpdate,
    Deletion,
    DeletionEvent,
    Edit,
    EditEvent,
)
from contracts.parts import Alias, Contact, Part
from support.events import ACCOUNT, envelope, message, person, result, status, unsupported
from support.inbox import Inbox


async def test_messages_of_one_person_stand_in_one_conversation(inbox: Inbox) -> None:
    received = await inbox.receive(
        message("wamid.1", "49151", "hello"),
        message("wamid.2", "49151", "anyone there?"),
        message("wamid.3", "49152", "other"),
    )
    assert received.outcomes == {"message_stored": 3}
    first, second = sorted(await inbox.conversations(), key=lambda row: -row["last_seq"])
    assert (first["unread_count"], first["last_preview"]) == (2, "anyone there?")
    assert (second["unread_count"], second["last_preview"]) == (1, "other")


async def test_a_repeat_is_stored_once_whenever_it_comes(inbox: Inbox) -> None:
    once = message("wamid.1")
    assert (await inbox.receive(once, once)).outcomes == {
        "message_stored": 1,
        "message_repeated": 1,
    }
    assert (await inbox.receive(once)).outcomes == {"message_repeated": 1}
    [row] = await inbox.conversations()
    assert row["unread_count"] == 1


async def test_screens_are_told_the_whole_state_once_a_batch(inbox: Inbox) -> None:
    await inbox.receive(message("wamid.1", text="one"), message("wamid.2", text="two"))
    changes = await inbox.changes()
    assert [change["type"] for change in changes] == [
        "message.created",
        "message.created",
        "conversation.row_changed",
    ]
    row = changes[-1]["data"]["state"]
    assert row["unread_count"] == 2
    assert row["preview"] == {"text": "two", "author_type": "contact"}
    assert row["contact"]["display_name"] == "Person 4915112345"


async def test_an_unknown_account_is_named_and_costs_no_neighbour(inbox: Inbox) -> None:
    received = await inbox.receive(message("wamid.1", account="999"), message("wamid.2"))
    assert received.unknown_channel == [0]
    assert received.outcomes == {"message_stored": 1}


async def test_nul_becomes_a_replacement_character(inbox: Inbox) -> None:
    await inbox.receive(message("wamid.1", text="a\x00b"), unsupported("wamid.2", "4915112345"))
    shown, poll = await inbox.messages()
    assert "a\ufffdb" in shown["parts"]
    assert poll["kind"] == "unsupported"
    [item] = await inbox.rows("unsupported_items")
    assert item["raw"] == '{"type":"poll","text":"\\u0000"}'


async def test_an_unsupported_item_without_a_person_stays_with_the_channel(inbox: Inbox) -> None:
    item = unsupported("wamid.1", None)
    await inbox.receive(item)
    await inbox.receive(item)
    assert await inbox.messages() == []
    assert len(await inbox.rows("unsupported_items")) == 1


async def test_a_group_is_a_thread_of_its_own(inbox: Inbox) -> None:
    await inbox.receive(
        message("wamid.1", "49151"),
        message("wamid.2", "49151", group_id="G1"),
        message("wamid.3", "49152", group_id="G1"),
    )
    assert sorted(row["last_seq"] for row in await inbox.conversations()) == [1, 2]


@pytest.mark.parametrize(
    ("closed_for", "status", "conversations"),
    [(timedelta(days=1), 2, 1), (timedelta(days=8), 2, 2), (timedelta(days=1), 3, 2)],
    ids=["reopened", "beyond the window", "archived"],
)
async def test_a_message_on_a_closed_conversation(
    inbox: Inbox, closed_for: timedelta, status: int, conversations: int
) -> None:
    await inbox.receive(message("wamid.1"))
    await inbox.admin.execute(
        "UPDATE conversations SET status = $1, closed_at = $2, closed_by = 'user:x'",
        status,
        datetime.now(UTC) - closed_for,
    )
    await inbox.receive(message("wamid.2"))
    rows = await inbox.conversations()
    assert len(rows) == conversations
    assert rows[-1]["status"] == 0
    assert rows[-1]["closed_at"] is None


async def test_the_same_person_by_phone_then_by_both_then_by_scoped_id(inbox: Inbox) -> None:
    scoped = Alias(kind="bsuid", value="DE.123")
    await inbox.receive(message("wamid.1", "49151"))
    await inbox.receive(message("wamid.2", contact=person("49151", None, scoped)))
    await inbox.receive(message("wamid.3", contact=Contact(aliases=(scoped,))))
    [row] = await inbox.conversations()
    assert row["last_seq"] == 3


async def test_conflicting_identities_are_never_merged(inbox: Inbox) -> None:
    scoped = Alias(kind="bsuid", value="DE.123")
    await inbox.receive(message("wamid.1", "49151"))
    await inbox.receive(message("wamid.2", contact=Contact(aliases=(scoped,))))
    received = await inbox.receive(message("wamid.3", contact=person("49151", None, scoped)))
    assert sorted(row["last_seq"] for row in await inbox.conversations()) == [1, 2]
    assert received.outcomes == {"message_stored": 1, "identity_conflict": 1}


async def test_new_aliases_follow_the_previous_ones(inbox: Inbox) -> None:
    await inbox.receive(message("wamid.1", "49151"))
    moved = ContactEvent(
        **envelope("whatsapp:system:1"),
        data=ContactUpdate(contact=person("49160"), previous=(Alias(kind="phone", value="49151"),)),
    )
    await inbox.receive(moved)
    await inbox.receive(message("wamid.2", "49160"))
    [row] = await inbox.conversations()
    assert row["last_seq"] == 2


async def test_an_edit_and_an_unsend_reach_the_message_before_and_after(inbox: Inbox) -> None:
    edit = EditEvent(
        **envelope("whatsapp:edit:1", time=datetime.now(UTC)),
        data=Edit(external_id="wamid.1", parts=(Part(kind="text", text="better"),)),
    )
    gone = DeletionEvent(**envelope("whatsapp:del:2"), data=Deletion(external_id="wamid.2"))
    await inbox.receive(edit, gone)
    await inbox.receive(message("wamid.1", text="worse"), message("wamid.2", text="secret"))
    first, second = await inbox.messages()
    assert "better" in first["parts"]
    assert second["parts"] == "[]"
    assert second["deleted_at"] is not None


async def test_statuses_before_the_result_end_like_after_it(inbox: Inbox) -> None:
    await inbox.receive(message("wamid.in"))
    [row] = await inbox.conversations()
    sent = await inbox.reply(row["id"], "answer")
    await inbox.receive(status("wamid.out", "read"), status("wamid.out", "delivered"))
    assert (await inbox.rows("deliveries"))[0]["rank"] == 1
    await inbox.receive(result(sent.id, "sent", "wamid.out"))
    assert (await inbox.rows("deliveries"))[0]["rank"] == 6


async def test_a_callback_with_our_id_resolves_an_unknown_send(inbox: Inbox) -> None:
    await inbox.receive(message("wamid.in"))
    [row] = await inbox.conversations()
    sent = await inbox.reply(row["id"], "answer")
    await inbox.receive(result(sent.id, "unknown"))
    assert (await inbox.rows("deliveries"))[0]["rank"] == 2
    await inbox.receive(status("wamid.out", "delivered", f"{sent.id}.1.0"))
    assert (await inbox.rows("deliveries"))[0]["rank"] == 5


async def test_a_strangers_command_id_changes_nothing(inbox: Inbox) -> None:
    """A status on another channel that names our message is not believed."""
    other = uuid4()
    await inbox.add_channel(other, "555")
    await inbox.receive(message("wamid.in"))
    [row] = await inbox.conversations()
    sent = await inbox.reply(row["id"], "answer")
    await inbox.receive(status("wamid.x", "read", f"{sent.id}.1.0", account="555"))
    await inbox.receive(status("wamid.y", "read", f"{UUID(int=5)}.1.0"))
    assert (await inbox.rows("deliveries"))[0]["rank"] == 1
    assert ACCOUNT != "555"


async def test_a_status_of_our_reaction_waits_for_no_message(inbox: Inbox) -> None:
    received = await inbox.receive(status("wamid.emoji", "read", f"action:{UUID(int=5)}"))
    assert received.outcomes == {"action_status": 1}
    assert await inbox.rows("external_refs") == []
