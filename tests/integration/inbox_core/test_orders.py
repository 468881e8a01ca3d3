"""Facts about one message in every order: the end is always the same."""

from datetime import timedelta
from itertools import permutations
from typing import Any

from contracts.events import Event
from support.events import message, result, status
from support.inbox import Inbox
from support.stories import edit, picture, reaction, said, unsend, watermark


async def test_every_order_of_message_edits_reaction_and_unsend(inbox: Inbox) -> None:
    """Two edits in the same second: the platform's clock cannot tell them apart."""
    at = inbox.now
    ends = {}
    for number, order in enumerate(permutations(("said", "one", "two", "heart", "unsend"))):
        name, phone = f"in.{number}", f"49{number:09}"
        facts: dict[str, Event] = {
            "said": said(name, phone, picture()),
            "one": edit(name, "one", at),
            "two": edit(name, "two", at),
            "heart": reaction(name, "49151", "❤️", at),
            "unsend": unsend(name, at + timedelta(seconds=1)),
        }
        for fact in order:
            await inbox.receive(facts[fact])
        ends[order] = await _content(inbox, name)
    assert len(set(ends.values())) == 1


async def test_two_edits_of_one_second_end_the_same_without_an_unsend(inbox: Inbox) -> None:
    at = inbox.now
    ends = set()
    for number, order in enumerate(permutations(("said", "one", "two"))):
        name = f"in.{number}"
        facts: dict[str, Event] = {
            "said": message(name, f"49{number:09}"),
            "one": edit(name, "one", at),
            "two": edit(name, "two", at),
        }
        for fact in order:
            await inbox.receive(facts[fact])
        ends.add(await _content(inbox, name))
    assert len(ends) == 1
    assert "two" in str(ends)


async def test_every_order_of_statuses_and_watermarks(inbox: Inbox) -> None:
    """Failed, too: a watermark says nothing of a part that failed."""
    for failing, end in ((False, 6), (True, 4)):
        ends = set()
        names = ("sent", "failed" if failing else "delivered", "mark", "older")
        for number, order in enumerate(permutations(names)):
            phone, out = f"49{failing:d}{number:08}", f"out.{failing:d}.{number}"
            await inbox.receive(message(f"in.{phone}", phone))
            thread = (await inbox.conversations())[-1]["id"]
            answer = await inbox.reply(thread, "answer")
            facts: dict[str, Event] = {
                "sent": result(answer.id, "sent", out),
                "failed": status(out, "failed"),
                "delivered": status(out, "delivered"),
                "mark": watermark(phone, "read", inbox.now + timedelta(seconds=1)),
                "older": watermark(phone, "delivered", inbox.now + timedelta(seconds=1)),
            }
            for fact in order:
                await inbox.receive(facts[fact])
            ends.add(await _state(inbox, answer.id))
        assert ends == {end}


async def test_a_watermark_covers_what_was_sent_before_it_and_nothing_else(inbox: Inbox) -> None:
    await inbox.receive(message("in.1", "49151"), message("in.2", "49152"))
    first, other = (row["id"] for row in await inbox.conversations())
    start = inbox.now
    answers = []
    for second, thread in ((0, first), (60, first), (0, other)):
        with inbox.at(start + timedelta(seconds=second)):
            answers.append(await inbox.reply(thread, "answer"))
        await inbox.receive(result(answers[-1].id, "sent", f"out.{len(answers)}"))
    await inbox.forget_outbox()
    read = watermark("49151", "read", start + timedelta(seconds=30))
    assert (await inbox.receive(read)).outcomes == {"watermark": 1}
    assert [await _state(inbox, answer.id) for answer in answers] == [6, 3, 3]
    [change] = await inbox.changes()
    assert change["data"]["state"]["delivery"]["state"] == "read"
    await inbox.receive(read)
    assert len(await inbox.changes()) == 1


async def test_a_watermark_settles_and_holds_by_id(inbox: Inbox) -> None:
    await inbox.receive(message("in.1", "49151"))
    [row] = await inbox.conversations()
    answer = await inbox.reply(row["id"], "answer")
    early = inbox.now - timedelta(hours=1)
    await inbox.receive(watermark("49151", "delivered", early, "out.1"))
    assert await _state(inbox, answer.id) == 1
    await inbox.receive(result(answer.id, "sent", "out.1"))
    assert await _state(inbox, answer.id) == 5


async def test_a_watermark_of_a_stranger_makes_nobody(inbox: Inbox) -> None:
    received = await inbox.receive(watermark("49151", "read", inbox.now))
    assert received.outcomes == {"watermark_of_nobody": 1}
    assert await inbox.rows("identity_aliases") == []
    assert await inbox.rows("contacts") == []


async def test_a_retry_is_not_covered_by_the_watermark_of_its_first_attempt(inbox: Inbox) -> None:
    await inbox.receive(message("in.1", "49151"))
    [row] = await inbox.conversations()
    answer = await inbox.reply(row["id"], "answer")
    await inbox.receive(watermark("49151", "read", inbox.now + timedelta(seconds=1)))
    await inbox.receive(result(answer.id, "failed"))
    assert await _state(inbox, answer.id) == 4
    await inbox.receive(result(answer.id, "sent", "out.2", attempt=2))
    assert await _state(inbox, answer.id) == 6


async def _content(inbox: Inbox, name: str) -> str:
    row = await inbox.admin.fetchrow(
        "SELECT parts, reactions, edited_at IS NULL AS unedited, deleted_at IS NULL AS kept"
        " FROM messages JOIN external_refs r ON r.message_id = messages.id"
        " WHERE r.provider_id = $1",
        name,
    )
    assert row is not None
    return str(tuple(row))


async def _state(inbox: Inbox, message_id: Any) -> int:
    row = await inbox.admin.fetchrow(
        "SELECT rank, implied FROM deliveries WHERE message_id = $1", message_id
    )
    assert row is not None
    went_out = row["rank"] in (3, 5, 6, 7)
    return int(max(row["rank"], row["implied"]) if went_out else row["rank"])
