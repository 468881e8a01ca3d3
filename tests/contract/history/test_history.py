"""What both who answer for history promise: of a visitor's own threads all, and no more."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from contract.history.conftest import Story
from contracts.rpc import HistoryAnswer
from support.threads import texts

NOTHING = HistoryAnswer()
BLOCKED = HistoryAnswer(blocked=True)
LONG_AGO = timedelta(days=30)
LATELY = timedelta(days=2)


def ago(back: timedelta) -> datetime:
    return datetime.now(UTC) - back


async def two_threads(story: Story) -> tuple[UUID, UUID]:
    """The older with `old 0` to `old 4`, closed a month ago, the newer with `new 0` to `new 3`."""
    for number in range(5):
        await story.say("v1", text=f"old {number}", time=ago(LONG_AGO * 1.1))
    old = await story.newest("v1")
    await story.side.close(old, ago(LONG_AGO))
    for number in range(4):
        await story.say("v1", text=f"new {number}")
    return old, await story.newest("v1")


async def test_a_thread_as_its_visitor_sees_it(story: Story) -> None:
    assert await story.ask("v1") == NOTHING
    await story.say("v1", text="hi", id="browser.1")
    await story.side.answer(await story.newest("v1"), "Hello")
    await story.say("v1", text="thanks")
    await story.say("v2", text="another one's")
    answer = await story.ask("v1")
    [head] = answer.threads
    assert (head.open, head.last_seq, head.read_seq, head.rating) == (True, 3, 0, None)
    assert (head.closed_at, head.last_message_at) == (None, answer.messages[-1].at)
    assert [(m.conversation_id, m.seq, m.by, bool(m.author)) for m in answer.messages] == [
        (head.id, 1, "contact", False),
        (head.id, 2, "user", True),
        (head.id, 3, "contact", False),
    ]
    assert texts(answer.messages) == ["hi", "Hello", "thanks"]
    assert [m.external_id for m in answer.messages][:2] == ["browser.1", None]
    assert (answer.more, answer.blocked, answer.busy) == (False, False, False)


async def test_a_message_that_comes_again_is_there_once(story: Story) -> None:
    for text in ("first", "second"):
        await story.say("v1", text=text, id="browser.1")
    assert texts((await story.ask("v1")).messages) == ["first"]


async def test_past_the_cursors_and_not_more_than_asked_for(story: Story) -> None:
    old, new = await two_threads(story)
    rows: list[tuple[dict[UUID, int], int, list[str], bool]] = [
        # what is known, the limit, what is told, whether there is more
        ({}, 50, ["new 0", "new 1", "new 2", "new 3"], False),
        ({}, 2, ["new 2", "new 3"], False),
        ({new: 2}, 50, ["new 2", "new 3"], False),
        ({new: 1}, 2, ["new 1", "new 2"], True),
        ({new: 4}, 50, [], False),
        ({new: 2**40}, 50, [], False),
        ({new: 4, old: 3}, 50, ["old 3", "old 4"], False),
        ({new: 2, old: 3}, 3, ["new 2", "new 3", "old 3"], True),
        ({new: 2, old: 5}, 2, ["new 2", "new 3"], False),
        ({new: 2, old: 3}, 2, ["new 2", "new 3"], True),
        ({old: 0}, 4, ["new 0", "new 1", "new 2", "new 3"], True),
        ({old: 4, uuid4(): 7}, 50, ["new 0", "new 1", "new 2", "new 3", "old 4"], False),
    ]
    for after, limit, told, more in rows:
        answer = await story.ask("v1", after=after, limit=limit)
        assert (texts(answer.messages), answer.more) == (told, more), (after, limit)
        assert [(head.id, head.open) for head in answer.threads] == [(new, True), (old, False)]


async def test_a_page_before_a_place(story: Story) -> None:
    old, new = await two_threads(story)
    await story.say("v2")
    theirs = await story.newest("v2")
    rows: list[tuple[UUID, int, int, list[str], bool]] = [
        (new, 3, 1, ["new 1"], True),
        (new, 3, 2, ["new 0", "new 1"], False),
        (new, 1, 50, [], False),
        (old, 2**40, 2, ["old 3", "old 4"], True),
        (theirs, 100, 50, [], False),
        (uuid4(), 100, 50, [], False),
    ]
    for conversation, seq, limit, told, more in rows:
        answer = await story.ask("v1", before=(conversation, seq), limit=limit)
        assert (texts(answer.messages), answer.more, answer.threads) == (told, more, ()), seq


async def test_long_words_make_short_pages(story: Story) -> None:
    for number in range(4):
        await story.say("v1", text=str(number) * 700_000)
    thread = await story.newest("v1")
    rows: list[tuple[dict[str, object], list[int], bool]] = [
        ({"after": {thread: 0}}, [1, 2], True),
        ({}, [3, 4], False),
        ({"before": (thread, 4)}, [2, 3], True),
    ]
    for question, told, more in rows:
        answer = await story.ask("v1", **question)
        assert ([m.seq for m in answer.messages], answer.more) == (told, more), question


async def test_no_more_than_twenty_threads(story: Story) -> None:
    for day in range(22, 0, -1):
        at = ago(LONG_AGO * day)
        await story.say("v1", text=f"{day}", time=at)
        await story.side.close(await story.newest("v1"), at)
    answer = await story.ask("v1")
    assert (len(answer.threads), texts(answer.messages)) == (20, ["1"])


@pytest.mark.parametrize(("since", "count"), [(LATELY, 1), (LONG_AGO, 2)])
async def test_who_comes_back_soon_goes_on(story: Story, since: timedelta, count: int) -> None:
    await story.say("v1", text="before", time=ago(since * 1.1))
    thread = await story.newest("v1")
    await story.side.close(thread, ago(since))
    [head] = (await story.ask("v1")).threads
    assert head.closed_at is not None
    assert not head.open
    await story.say("v1", text="after")
    answer = await story.ask("v1")
    assert [head.open for head in answer.threads] == [True, False][:count]
    assert answer.threads[-1].id == thread


async def test_an_answer_opens_what_was_closed(story: Story) -> None:
    await story.say("v1")
    thread = await story.newest("v1")
    await story.side.close(thread, datetime.now(UTC))
    await story.side.answer(thread, "One more thing")
    [head] = (await story.ask("v1")).threads
    assert (head.open, head.closed_at, head.last_seq) == (True, None, 2)


async def test_a_closing_asks_for_new_stars(story: Story) -> None:
    await story.say("u:ana", "v1")
    thread = await story.newest("v1")
    told: list[int | None] = []

    async def look() -> None:
        told.extend(head.rating for head in (await story.ask("v1")).threads)

    await story.side.close(thread, datetime.now(UTC))
    await look()
    await story.rate(thread, 4, "u:ana", "v1")
    await look()
    await story.rate(thread, 2, "v1")  # thought better of
    await look()
    await story.say("v1", text="And one thing more")
    await look()
    await story.side.close(thread, datetime.now(UTC) + timedelta(minutes=1))
    await look()
    assert told == [None, 4, 2, 2, None]


async def test_stars_of_strangers_and_of_who_is_blocked_count_for_nothing(story: Story) -> None:
    await story.say("v1")
    await story.say("u:ana")
    mine, anas = await story.newest("v1"), await story.newest("u:ana")
    for thread in (mine, anas):
        await story.side.close(thread, datetime.now(UTC))
    await story.rate(mine, 1, "v2")
    await story.rate(mine, 1, "u:bob", "v2")
    await story.side.block(anas)
    await story.rate(mine, 1, "u:ana", "v1")
    await story.rate(anas, 1, "v1", "u:ana")
    assert [head.rating for head in (await story.ask("v1", "u:ana")).threads] == [None]
    await story.rate(mine, 5, "u:bob", "v1")
    assert [head.rating for head in (await story.ask("v1")).threads] == [5]


async def test_one_person_of_several_names(story: Story) -> None:
    await story.say("v1", text="as a stranger")
    await story.say("u:ana", "v1", text="logged in")
    await story.say("v2", text="on a phone")
    await story.say("u:ana", "v2", text="logged in there")
    for names, told in (
        (["v1"], ["as a stranger", "logged in", "logged in there"]),
        (["u:ana"], ["as a stranger", "logged in", "logged in there"]),
        (["v2"], ["on a phone"]),
        (["u:bob"], []),
    ):
        assert texts((await story.ask(*names)).messages) == told, names
    both = await story.ask("u:ana", "v2")
    assert {head.id for head in both.threads} == {
        await story.newest("v1"), await story.newest("v2"),
    }  # fmt: skip


async def test_the_strongest_name_says_who_is_blocked(story: Story) -> None:
    await story.say("v1", text="as a stranger")
    await story.say("u:ana", text="as a customer")
    thread = await story.newest("v1")
    await story.side.block(thread)
    await story.say("v1", text="Why not?")
    for names in (["v1"], ["v1", "u:ana"]):
        assert await story.ask(*names) == BLOCKED
        assert await story.ask(*names, before=(thread, 9)) == BLOCKED
    weaker = await story.ask("u:ana", "v1", after={thread: 0})
    assert (texts(weaker.messages), len(weaker.threads)) == (["as a customer"], 1)
    assert await story.ask("u:ana", "v1", before=(thread, 9)) == NOTHING


async def test_what_was_taken_back_keeps_its_place(story: Story) -> None:
    await story.say("v1", text="oops", id="browser.1")
    await story.say("v1", text="better")
    await story.take_back("browser.1")
    answer = await story.ask("v1")
    assert [(m.seq, m.deleted, len(m.parts)) for m in answer.messages] == [
        (1, True, 0),
        (2, False, 1),
    ]


async def test_how_far_the_team_has_read(story: Story) -> None:
    for _ in range(2):
        await story.say("v1")
    await story.side.read(await story.newest("v1"), 1)
    [head] = (await story.ask("v1")).threads
    assert (head.read_seq, head.last_seq) == (1, 2)
