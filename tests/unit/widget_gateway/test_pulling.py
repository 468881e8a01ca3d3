"""Pulling: one question at a time, every reason heeded, and never given up."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from typing_extensions import override

from bus.errors import Unavailable
from contracts.rpc import HistoryAnswer, HistoryMessage, HistoryThread
from support.skipping import run_skipping
from widget_gateway.frames.said import MAX_CURSORS
from widget_gateway.lines.pulling import EXPECT_S, Puller, Pulling

AT = datetime(2026, 11, 20, tzinfo=UTC)


def told(conversation: UUID, *seqs: int, more: bool = False) -> HistoryAnswer:
    head = HistoryThread(
        id=conversation, open=True, last_seq=max(seqs, default=0), read_seq=0, last_message_at=AT
    )
    messages = tuple(
        HistoryMessage(id=uuid4(), conversation_id=conversation, seq=seq, at=AT, by="user")
        for seq in seqs
    )
    return HistoryAnswer(threads=(head,), messages=messages, more=more)


class Asker(Puller):
    """Answers with what it was given, the last of it for ever; an error is raised."""

    def __init__(self, *answers: HistoryAnswer | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0
        self.at_once = 0
        self.most_at_once = 0
        self.learnt: list[HistoryAnswer] = []
        self.faults = 0

    @override
    async def ask(self) -> HistoryAnswer:
        self.asked += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0.1)
        self.at_once -= 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer

    @override
    async def learned(self, answer: HistoryAnswer) -> None:
        self.learnt.append(answer)

    @override
    def failed(self) -> None:
        self.faults += 1


def skipping(story: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run it with a clock that jumps over waits."""

    def run() -> None:
        run_skipping(story())

    run.__name__ = story.__name__
    run.__doc__ = story.__doc__
    return run


@skipping
async def test_many_reasons_make_one_more_question() -> None:
    asker = Asker(HistoryAnswer())
    pulling = Pulling(asker, {})
    pulling.dirty()
    await asyncio.sleep(0.05)
    for _ in range(100):
        pulling.dirty()
    await asyncio.sleep(5)
    assert (asker.asked, asker.most_at_once) == (2, 1)


@skipping
async def test_reasons_that_can_wait_wait_for_the_first_of_them() -> None:
    asker = Asker(HistoryAnswer())
    pulling = Pulling(asker, {})
    pulling.dirty(1.0)
    pulling.dirty(0.3)
    pulling.dirty(2.0)
    await asyncio.sleep(0.35)
    assert asker.asked == 1
    await asyncio.sleep(10)
    assert asker.asked == 1


@skipping
async def test_pages_are_asked_for_until_there_is_no_more() -> None:
    conversation = uuid4()
    asker = Asker(told(conversation, 1, 2, more=True), told(conversation, 3, more=True),
                  told(conversation, 4))  # fmt: skip
    pulling = Pulling(asker, {})
    pulling.dirty()
    await asyncio.sleep(5)
    assert (asker.asked, pulling.cursors) == (3, {conversation: 4})


@skipping
async def test_an_answer_that_brings_nothing_new_ends_the_pages() -> None:
    conversation = uuid4()
    asker = Asker(told(conversation, 1, more=True))
    Pulling(asker, {}).dirty()
    await asyncio.sleep(60)
    assert asker.asked == 2


@skipping
async def test_it_is_never_given_up() -> None:
    conversation = uuid4()
    away = [Unavailable("away") for _ in range(50)]
    asker = Asker(*away, told(conversation, 1))
    pulling = Pulling(asker, {})
    pulling.dirty()
    await asyncio.sleep(50 * 16)
    assert (asker.asked, pulling.cursors) == (51, {conversation: 1})


@pytest.mark.parametrize("comes", [True, False])
def test_an_accepted_message_is_looked_for_a_while(*, comes: bool) -> None:
    async def story() -> None:
        asker = Asker(HistoryAnswer())
        pulling = Pulling(asker, {})
        pulling.expect("mine")
        await asyncio.sleep(EXPECT_S[0] + 0.2)
        if comes:
            pulling.seen("another")
            pulling.seen(None)
            pulling.seen("mine")
        await asyncio.sleep(100)
        assert asker.asked == (2 if comes else len(EXPECT_S))

    run_skipping(story())


@skipping
async def test_who_stopped_asks_no_more() -> None:
    asker = Asker(Unavailable("away"))
    pulling = Pulling(asker, {})
    pulling.dirty()
    pulling.dirty(3.0)
    await asyncio.sleep(0.05)
    pulling.stop()
    pulling.dirty()
    await asyncio.sleep(60)
    assert asker.asked == 1


@skipping
async def test_a_fault_is_told_instead_of_a_screen_that_stands_still() -> None:
    asker = Asker(ValueError("a fault of ours"))
    Pulling(asker, {}).dirty()
    await asyncio.sleep(60)
    assert (asker.asked, asker.faults) == (1, 1)


@skipping
async def test_cursors_stay_within_what_a_question_may_bring() -> None:
    known = {uuid4(): 1 for _ in range(MAX_CURSORS)}
    newest = uuid4()
    asker = Asker(told(newest, 1))
    pulling = Pulling(asker, known)
    pulling.dirty()
    await asyncio.sleep(1)
    assert len(pulling.cursors) == MAX_CURSORS
    assert newest in pulling.cursors
