"""The outbound scheduler: order within a conversation, bounds of an account, retries."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.capabilities import Rates
from inbox_core.app.retry import retry
from inbox_core.app.sweep import RESULT_WITHIN, give_up_overdue, sweep
from inbox_core.domain.errors import LiveConversation, NotFound, NotRetryable, NotSendable
from support.events import message, result
from support.inbox import ANA, WHATSAPP, Inbox


async def conversation(inbox: Inbox, phone: str = "49151") -> UUID:
    await inbox.receive(message(f"wamid.{phone}", phone))
    rows = await inbox.conversations()
    found: UUID = rows[-1]["id"]
    return found


async def sent_texts(inbox: Inbox) -> list[Any]:
    return [command["data"]["part"]["text"] for command in await inbox.commands()]


async def test_the_next_reply_goes_when_the_one_before_is_settled(inbox: Inbox) -> None:
    thread = await conversation(inbox)
    sent = [await inbox.reply(thread, f"answer {n}") for n in range(3)]
    assert await sent_texts(inbox) == ["answer 0"]
    await inbox.receive(result(sent[0].id, "sent", "wamid.a"))
    assert await sent_texts(inbox) == ["answer 0", "answer 1"]
    await inbox.receive(result(sent[1].id, "unknown"))
    assert await sent_texts(inbox) == ["answer 0", "answer 1", "answer 2"]
    await inbox.receive(result(sent[1].id, "unknown"))
    assert len(await sent_texts(inbox)) == 3


async def test_a_command_carries_what_the_adapter_needs(inbox: Inbox) -> None:
    thread = await conversation(inbox)
    sent = await inbox.reply(thread, "answer")
    [command] = await inbox.commands()
    assert command["id"] == f"{sent.id}.1.0"
    assert command["account"] == "106540352242922"
    assert command["data"]["to"] == [{"kind": "phone", "value": "49151"}]
    assert command["data"]["part"] == {"kind": "text", "text": "answer"}


def at_rate(inbox: Inbox, rate: float) -> None:
    """The adapter announces how fast an account may send."""
    inbox.book.note(WHATSAPP.model_copy(update={"rates": Rates(account=rate)}))


async def test_an_account_has_two_seconds_of_its_rate_outstanding(inbox: Inbox) -> None:
    at_rate(inbox, 1)
    threads = [await conversation(inbox, f"4915{n}") for n in range(4)]
    sent = [await inbox.reply(thread, f"to {n}") for n, thread in enumerate(threads)]
    assert await sent_texts(inbox) == ["to 0", "to 1"]
    assert await sweep(inbox.worker, inbox.now) == 0
    await inbox.receive(result(sent[0].id, "sent", "wamid.a"))
    assert await sweep(inbox.worker, inbox.now) == 1
    assert await sent_texts(inbox) == ["to 0", "to 1", "to 2"]


async def test_a_failed_reply_is_sent_again_as_a_new_attempt(inbox: Inbox) -> None:
    thread = await conversation(inbox)
    sent = await inbox.reply(thread, "answer")
    key = (inbox.workspace_id, thread)
    with pytest.raises(NotRetryable):
        await retry(inbox.api, key, sent.id, ANA, inbox.now)
    await inbox.receive(result(sent.id, "failed"))
    again = await retry(inbox.api, key, sent.id, ANA, inbox.now)
    assert again.delivery is not None
    assert (again.delivery.state, again.delivery.attempt) == ("sending", 2)
    await inbox.receive(result(sent.id, "failed"))
    await inbox.receive(result(sent.id, "sent", "wamid.b", attempt=2))
    assert [row["rank"] for row in await inbox.rows("deliveries")] == [3]
    assert [command["id"][-3:] for command in await inbox.commands()] == ["1.0", "2.0"]


async def test_a_repeated_reply_finds_the_first(inbox: Inbox) -> None:
    thread = await conversation(inbox)
    first = await inbox.reply(thread, "answer", client_msg_id="c-1")
    again = await inbox.reply(thread, "answer", client_msg_id="c-1")
    assert again.id == first.id
    assert len(await sent_texts(inbox)) == 1


async def test_a_reply_reopens_and_takes_over(inbox: Inbox) -> None:
    thread = await conversation(inbox)
    await inbox.admin.execute(
        "UPDATE conversations SET status = 2, closed_at = $1, handler = 'ai'",
        inbox.now - timedelta(days=30),
    )
    await inbox.reply(thread, "answer")
    [row] = await inbox.conversations()
    assert (row["status"], row["handler"], row["handler_epoch"]) == (0, "human", 1)
    assert (row["unread_count"], row["last_preview"]) == (1, "You: answer")


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("late", "UPDATE conversations SET status = 3"),
        ("off", "UPDATE channels SET enabled = false"),
    ],
    ids=["archived", "channel off"],
)
async def test_what_cannot_be_sent_is_refused(inbox: Inbox, text: str, before: str) -> None:
    thread = await conversation(inbox)
    await inbox.admin.execute(before)
    with pytest.raises(NotSendable):
        await inbox.reply(thread, text)
    assert await sent_texts(inbox) == []


async def test_a_send_whose_result_never_comes_becomes_unknown(inbox: Inbox) -> None:
    """The command was lost with its stream, say; the conversation goes on."""
    thread = await conversation(inbox)
    await inbox.reply(thread, "lost")
    await inbox.reply(thread, "next")
    assert await give_up_overdue(inbox.worker, inbox.now) == 0
    assert await give_up_overdue(inbox.worker, inbox.now + RESULT_WITHIN * 2) == 1
    assert [row["rank"] for row in await inbox.rows("deliveries", "seq")] == [2, 1]
    assert await sent_texts(inbox) == ["lost", "next"]


async def test_an_account_without_room_keeps_no_other_waiting(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_rate(inbox, 0)
    monkeypatch.setattr("inbox_core.app.sweep.LIMIT", 2)
    full = [await conversation(inbox, f"4915{n}") for n in range(3)]
    await inbox.add_channel(uuid4(), "555")
    await inbox.receive(message("wamid.other", "49160", account="555"))
    other = (await inbox.conversations())[-1]["id"]
    for thread in [*full, other]:
        await inbox.reply(thread, "waits")
    at_rate(inbox, 1)
    await inbox.admin.execute(
        "UPDATE deliveries SET stage = 1 WHERE conversation_id = ANY ($1::uuid[])", full[:2]
    )
    assert await sweep(inbox.worker, inbox.now) == 1
    [command] = await inbox.commands()
    assert command["account"] == "555"


async def test_a_reply_beside_a_newer_live_conversation_is_refused(inbox: Inbox) -> None:
    old = await conversation(inbox)
    await inbox.admin.execute("UPDATE conversations SET status = 3")
    await inbox.receive(message("wamid.new", "49151"))
    await inbox.admin.execute("UPDATE conversations SET status = 2 WHERE id = $1", old)
    with pytest.raises(LiveConversation):
        await inbox.reply(old, "answer")


async def test_another_workspace_finds_nothing(inbox: Inbox) -> None:
    thread = await conversation(inbox)
    inbox.workspace_id = UUID(int=99)
    with pytest.raises(NotFound):
        await inbox.reply(thread, "answer")
