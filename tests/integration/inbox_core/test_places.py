"""Watermarks by place: what was seen of one conversation, up to a number."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest

from contracts.events import Event, SendOutcome
from support.events import result
from support.inbox import Inbox
from support.pages import place_mark, visitor, wrote


async def state(inbox: Inbox, message_id: UUID) -> int:
    row = await inbox.admin.fetchrow(
        "SELECT rank, shown FROM deliveries WHERE message_id = $1", message_id
    )
    assert row is not None
    settled = row["rank"] > 1
    return int(max(row["rank"], row["shown"]) if settled else row["rank"])


async def answered(inbox: Inbox, name: str, answers: int) -> tuple[UUID, list[UUID]]:
    """A conversation of a visitor with answers, all sent; their numbers begin with 2."""
    await inbox.receive(wrote(f"m.{uuid4()}", visitor(name)))
    thread = (await inbox.conversations())[-1]["id"]
    sent = []
    for _ in range(answers):
        answer = await inbox.reply(thread, "answer")
        await inbox.receive(result(answer.id, "sent", f"out.{answer.id}"))
        sent.append(answer.id)
    return thread, sent


async def test_a_place_covers_what_stands_before_it(inbox: Inbox) -> None:
    """The moment is that of the message, before it was even on its way: the place decides."""
    thread, sent = await answered(inbox, "v1", 3)
    long_ago = inbox.now - timedelta(hours=1)
    await inbox.forget_outbox()
    mark = place_mark("read", long_ago, thread, 3)
    for _ in range(2):
        await inbox.receive(mark)
    assert [await state(inbox, answer) for answer in sent] == [6, 6, 3]
    assert [row["type"] for row in await inbox.changes()] == ["message.delivery_changed"] * 2


async def test_a_place_covers_nothing_elsewhere(inbox: Inbox) -> None:
    """Not by another conversation of the same person, another's, or one that is not there."""
    thread, [first] = await answered(inbox, "v1", 1)
    await inbox.admin.execute(
        "UPDATE conversations SET status = 2, closed_at = $1", inbox.now - timedelta(days=9)
    )
    _, [second] = await answered(inbox, "v1", 1)
    foreign, [theirs] = await answered(inbox, "v2", 1)
    answers = (first, second, theirs)
    later = inbox.now + timedelta(seconds=5)
    for conversation in (foreign, uuid4()):
        for seq in (99, None):
            await inbox.receive(place_mark("read", later, conversation, seq))
    assert [await state(inbox, answer) for answer in answers] == [3, 3, 3]
    await inbox.receive(place_mark("read", later, thread, 99))
    assert [await state(inbox, answer) for answer in answers] == [6, 3, 3]


@pytest.mark.parametrize(("seconds", "covered"), [(-60, 0), (60, 6)])
async def test_without_a_number_the_moment_bounds_it(
    inbox: Inbox, seconds: int, covered: int
) -> None:
    thread, [answer] = await answered(inbox, "v1", 1)
    await inbox.receive(place_mark("read", inbox.now + timedelta(seconds=seconds), thread, None))
    [row] = await inbox.rows("deliveries")
    assert (row["message_id"], row["implied"]) == (answer, covered)


async def test_a_place_covers_what_the_person_wrote_under_another_name(inbox: Inbox) -> None:
    """Known from a laptop; on a phone they wrote before they logged in."""
    await inbox.receive(wrote("m.laptop", visitor("laptop", "u1")))
    thread, [answer] = await answered(inbox, "phone", 1)
    who = visitor("phone", "u1")
    _, [theirs] = await answered(inbox, "v2", 1)
    await inbox.receive(place_mark("read", inbox.now, thread, 99, who))
    assert [await state(inbox, one) for one in (answer, theirs)] == [6, 3]


@pytest.mark.parametrize("outcome", ["failed", "unknown"])
async def test_what_failed_and_was_read_all_the_same_heals(
    inbox: Inbox, outcome: SendOutcome
) -> None:
    """Who is shown the thread itself sees what never went out, and says so."""
    ends = set()
    for number, order in enumerate(permutations((outcome, "delivered", "read"))):
        name = f"v{number}"
        await inbox.receive(wrote(f"m.{name}", visitor(name)))
        thread = (await inbox.conversations())[-1]["id"]
        answer = await inbox.reply(thread, "answer")
        facts: dict[str, Event] = {
            outcome: result(answer.id, outcome, None),
            "delivered": place_mark("delivered", inbox.now, thread, 2, visitor(name)),
            "read": place_mark("read", inbox.now, thread, 2, visitor(name)),
        }
        await inbox.forget_outbox()
        for fact in order:
            await inbox.receive(facts[fact])
        shown = (await inbox.changes())[-1]["data"]["state"]["delivery"]
        ends.add((shown["state"], shown["retryable"], shown["problem"]))
    assert ends == {("read", False, None)}


async def test_a_number_of_no_conversation_covers_nothing(inbox: Inbox) -> None:
    _, [answer] = await answered(inbox, "v1", 1)
    await inbox.receive(place_mark("read", inbox.now + timedelta(seconds=60), None, 99))
    assert await state(inbox, answer) == 3


async def test_what_is_read_before_it_is_sent_is_read_once_it_was(inbox: Inbox) -> None:
    """Who is shown the thread itself is ahead of the queue: a conversation sends one at a time."""
    await inbox.receive(wrote("m.1"))
    thread = (await inbox.conversations())[-1]["id"]
    first, second = [await inbox.reply(thread, words) for words in ("first", "second")]
    await inbox.receive(place_mark("read", inbox.now, thread, 99))
    assert await state(inbox, second.id) == 0
    for answer in (first, second):
        await inbox.receive(result(answer.id, "sent", f"out.{answer.id}"))
    assert [await state(inbox, answer.id) for answer in (first, second)] == [6, 6]


async def test_what_waits_is_covered_by_no_moment(inbox: Inbox) -> None:
    await inbox.receive(wrote("m.1"))
    thread = (await inbox.conversations())[-1]["id"]
    first, second = [await inbox.reply(thread, words) for words in ("first", "second")]
    await inbox.receive(place_mark("read", inbox.now + timedelta(seconds=60), thread, None))
    for answer in (first, second):
        await inbox.receive(result(answer.id, "sent", f"out.{answer.id}"))
    assert await state(inbox, second.id) == 3


async def test_every_order_of_results_and_places_ends_the_same(inbox: Inbox) -> None:
    ends = set()
    for number, order in enumerate(permutations(("sent", "delivered", "read", "older"))):
        name = f"v{number}"
        await inbox.receive(wrote(f"m.{name}", visitor(name)))
        thread = (await inbox.conversations())[-1]["id"]
        answer = await inbox.reply(thread, "answer")
        facts: dict[str, Event] = {
            "sent": result(answer.id, "sent", f"out.{name}"),
            "delivered": place_mark("delivered", inbox.now, thread, 2, visitor(name)),
            "read": place_mark("read", inbox.now, thread, 2, visitor(name)),
            "older": place_mark("read", inbox.now, thread, 1, visitor(name)),
        }
        for fact in order:
            await inbox.receive(facts[fact])
        ends.add(await state(inbox, answer.id))
    assert ends == {6}
