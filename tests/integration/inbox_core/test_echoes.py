"""Echoes of our own sends, of other hands, and both at once: every order ends the same."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from contracts.events import Event
from inbox_core.adapters.postgres.reading import PostgresReading
from inbox_core.app.release import release_echoes
from inbox_core.app.views import MessageView
from support.events import message, result, status, unsupported
from support.inbox import Inbox
from support.stories import echo, reaction, unsend, watermark

LATER = timedelta(seconds=61)


async def open_thread(inbox: Inbox, phone: str) -> Any:
    """A conversation with this person."""
    await inbox.receive(message(f"in.{phone}", phone))
    return await inbox.admin.fetchval(
        "SELECT c.id FROM conversations c JOIN identity_aliases a USING (identity_id)"
        " WHERE a.value = $1",
        phone,
    )


async def shown(inbox: Inbox, thread: Any) -> tuple[Any, ...]:
    """What screens see of the thread and its row, without ids and times of arrival."""
    reading = PostgresReading(inbox.worker)
    key = (inbox.workspace_id, thread)
    page = await reading.messages(key, 50)
    row = await reading.conversation(key)
    return tuple(map(essence, page.items)), row.preview.text, row.unread_count


def essence(view: MessageView) -> tuple[Any, ...]:
    return (
        view.direction,
        [part.text for part in view.parts],
        view.delivery.state if view.delivery else None,
        [mark.emoji for mark in view.reactions],
        view.deleted_at is not None,
    )


async def release(inbox: Inbox) -> None:
    """A minute has passed."""
    await release_echoes(inbox.worker, inbox.now + LATER)


async def end_of(inbox: Inbox, phone: str, order: tuple[str, ...], facts: Any) -> tuple[Any, ...]:
    """The end of one order of facts about one send. `minute`: a minute passes."""
    thread = await open_thread(inbox, phone)
    sent = await inbox.reply(thread, "answer")
    events: dict[str, Event] = facts(phone, sent.id, inbox.now + timedelta(seconds=1))
    for name in order:
        if name == "minute":
            await release(inbox)
        else:
            await inbox.receive(events[name])
    await release(inbox)
    return await shown(inbox, thread)


def facts_of_a_send(phone: str, sent: Any, at: Any) -> dict[str, Event]:
    name = f"out.{phone}"
    return {
        "result": result(sent, "sent", name),
        "echo": echo(name, phone, time=at),
        "delivered": status(name, "delivered"),
        "read": watermark(phone, "read", at),
    }


def facts_people_add(phone: str, sent: Any, at: Any) -> dict[str, Event]:
    name = f"out.{phone}"
    return {
        "result": result(sent, "sent", name),
        "echo": echo(name, phone, time=at),
        "heart": reaction(name, phone, "❤️", at),
        "unsend": unsend(name, at),
    }


@pytest.mark.parametrize(
    ("facts", "names"),
    [
        (facts_of_a_send, ("result", "echo", "delivered", "read", "minute")),
        (facts_people_add, ("result", "echo", "heart", "unsend", "minute")),
    ],
    ids=["statuses", "amendments"],
)
async def test_every_order_of_result_and_echo_ends_the_same(
    inbox: Inbox, facts: Any, names: tuple[str, ...]
) -> None:
    orders = list(permutations(names))
    ends = {
        order: await end_of(inbox, f"49{number:09}", order, facts)
        for number, order in enumerate(orders)
    }
    first = ends[orders[0]]
    assert {order: end for order, end in ends.items() if end != first} == {}
    assert len(first[0]) == 2


async def test_an_echo_of_another_hand_is_stored_at_once(inbox: Inbox) -> None:
    thread = await open_thread(inbox, "49151")
    received = await inbox.receive(echo("out.1", "49151", "from the app", via="app"))
    assert received.outcomes == {"echo_stored": 1}
    rows, preview, _ = await shown(inbox, thread)
    assert (len(rows), preview) == (2, "You: from the app")
    assert (await inbox.receive(echo("out.1", "49151"))).outcomes == {"message_repeated": 1}


async def test_an_echo_waits_only_while_a_send_is_outstanding(inbox: Inbox) -> None:
    thread = await open_thread(inbox, "49151")
    sent = await inbox.reply(thread, "answer")
    await inbox.receive(echo("other.1", "49151", "from the app"))
    assert await release_echoes(inbox.worker, inbox.now) == 0
    await inbox.receive(result(sent.id, "sent", "out.1"))
    assert await release_echoes(inbox.worker, inbox.now) == 1
    assert await release_echoes(inbox.worker, inbox.now) == 0
    rows, *_ = await shown(inbox, thread)
    assert [row[1] for row in rows] == [["from the app"], ["answer"], ["hello"]]


async def test_an_echo_with_our_id_settles_its_send(inbox: Inbox) -> None:
    thread = await open_thread(inbox, "49151")
    sent = await inbox.reply(thread, "answer")
    await inbox.receive(echo("out.1", "49151", client_ref=f"{sent.id}.1.0"))
    await inbox.receive(status("out.1", "delivered"))
    rows, *_ = await shown(inbox, thread)
    assert [row[2] for row in rows] == ["delivered", None]


async def test_screens_are_told_that_a_duplicate_is_gone(inbox: Inbox) -> None:
    thread = await open_thread(inbox, "49151")
    sent = await inbox.reply(thread, "answer")
    await inbox.receive(echo("out.1", "49151", time=inbox.now + timedelta(minutes=5)))
    await release(inbox)
    await inbox.forget_outbox()
    await inbox.receive(result(sent.id, "sent", "out.1"))
    changes = {change["type"]: change["data"]["state"] for change in await inbox.changes()}
    assert changes["message.deleted"]["hidden"] is True
    assert changes["conversation.row_changed"]["preview"]["text"] == "You: answer"


async def test_an_echo_nobody_understood_is_a_duplicate_too(inbox: Inbox) -> None:
    thread = await open_thread(inbox, "49151")
    sent = await inbox.reply(thread, "answer")
    strange = unsupported("out.1", "49151")
    outbound = strange.data.model_copy(update={"direction": "outbound"})
    await inbox.receive(strange.model_copy(update={"data": outbound}))
    await inbox.receive(result(sent.id, "sent", "out.1"))
    rows, preview, _ = await shown(inbox, thread)
    assert [row[1] for row in rows] == [["answer"], ["hello"]]
    assert preview == "You: answer"


async def test_history_from_our_side_waits_for_nothing(inbox: Inbox) -> None:
    thread = await open_thread(inbox, "49151")
    await inbox.reply(thread, "answer")
    received = await inbox.receive(echo("old.1", "49151", history=True))
    assert received.outcomes == {"echo_stored": 1}
