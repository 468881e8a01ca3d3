"""Batcher: who shares a message, who waits, and who learns what when it goes wrong."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest
from typing_extensions import override

from bus import ports
from bus.batching import Batcher
from bus.errors import Ambiguous, BusError, Overloaded, TooLarge, Unavailable
from contracts import batch
from support.waiting import eventually, within

SUBJECT = "inbound.whatsapp"


class Gate(ports.Publisher):
    """A publisher that waits to be let through, or fails with `error`."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.error: BusError | None = None
        self.good_for = 0
        self.packs: list[tuple[str, list[str]]] = []
        self.inside = 0
        self.most_inside = 0

    @override
    async def publish(
        self,
        subject: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        message_id: str | None = None,
        timeout_s: float = 3.0,
    ) -> int:
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        try:
            await self.open.wait()
            await asyncio.sleep(0)
        finally:
            self.inside -= 1
        if self.error is not None and len(self.packs) >= self.good_for:
            raise self.error
        self.packs.append((subject, batch.unpack(body)))
        return len(self.packs)


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
async def batcher(gate: Gate) -> AsyncIterator[Batcher]:
    made = Batcher(gate, max_events=4, max_bytes=100, queue_events=20, queue_bytes=2000)
    await made.start()
    yield made
    gate.open.set()
    await made.stop()


def event(text: str) -> bytes:
    return b'"%s"' % text.encode()


def start(batcher: Batcher, *texts: str, subject: str = SUBJECT) -> "asyncio.Task[None]":
    return asyncio.create_task(batcher.publish(subject, [event(text) for text in texts]))


async def test_one_event_waits_for_nobody(batcher: Batcher, gate: Gate) -> None:
    await within(batcher.publish(SUBJECT, [event("a")]))
    assert gate.packs == [(SUBJECT, ["a"])]


async def test_callers_that_come_together_share_a_message(batcher: Batcher, gate: Gate) -> None:
    await within(asyncio.gather(*(start(batcher, text) for text in "abc")))
    assert gate.packs == [(SUBJECT, ["a", "b", "c"])]


async def test_while_two_travel_the_rest_packs_itself(batcher: Batcher, gate: Gate) -> None:
    gate.open.clear()
    tasks = []
    for text in "abcdefghij":
        tasks.append(start(batcher, text))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    await eventually(lambda: gate.inside == 2)
    assert batcher.queued == 8
    gate.open.set()
    await within(asyncio.gather(*tasks))
    assert sorted(len(events) for _, events in gate.packs) == [1, 1, 4, 4]
    assert gate.most_inside == 2


async def test_order_within_a_subject_is_kept_in_the_packs(batcher: Batcher, gate: Gate) -> None:
    await within(batcher.publish(SUBJECT, [event(text) for text in "abcdefghij"]))
    assert [events for _, events in gate.packs] == [
        ["a", "b", "c", "d"],
        ["e", "f", "g", "h"],
        ["i", "j"],
    ]


async def test_subjects_do_not_mix_and_take_turns(batcher: Batcher, gate: Gate) -> None:
    tasks = [start(batcher, *"abcdefgh"), start(batcher, "x", "y", subject="inbound.instagram")]
    await within(asyncio.gather(*tasks))
    assert gate.packs[:2] == [
        (SUBJECT, ["a", "b", "c", "d"]),
        ("inbound.instagram", ["x", "y"]),
    ]


async def test_bytes_bound_a_message_and_a_giant_goes_alone(batcher: Batcher, gate: Gate) -> None:
    giant = "g" * 300
    await within(batcher.publish(SUBJECT, [event("a"), event(giant), event("b"), event("c" * 98)]))
    assert [events for _, events in gate.packs] == [["a"], [giant], ["b"], ["c" * 98]]


async def test_admitted_below_the_bound_and_then_taken_whole(batcher: Batcher, gate: Gate) -> None:
    gate.open.clear()
    big = start(batcher, *("e" for _ in range(500)))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded) as caught:
        await batcher.publish(SUBJECT, [event("late")])
    assert caught.value.delay_s > 0
    gate.open.set()
    await within(big)
    assert sum(len(events) for _, events in gate.packs) == 500
    await within(batcher.publish(SUBJECT, [event("now")]))


async def test_the_queue_is_bounded_by_bytes_too(batcher: Batcher, gate: Gate) -> None:
    gate.open.clear()
    first = start(batcher, *("x" * 99 for _ in range(30)))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await batcher.publish(SUBJECT, [event("late")])
    gate.open.set()
    await within(first)


@pytest.mark.parametrize(
    "error",
    [Unavailable("away", 7.0), Ambiguous("late"), TooLarge("big")],
    ids=lambda error: type(error).__name__,
)
async def test_a_failed_message_fails_all_its_callers(
    batcher: Batcher, gate: Gate, error: BusError
) -> None:
    gate.error = error
    results = await within(
        asyncio.gather(*(start(batcher, text) for text in "abc"), return_exceptions=True)
    )
    assert [type(result) for result in results] == [type(error)] * 3
    assert len({id(result) for result in results}) == 3, "each caller has an error of its own"
    if isinstance(error, Unavailable):
        assert {getattr(result, "delay_s", None) for result in results} == {7.0}
    gate.error = None
    await within(batcher.publish(SUBJECT, [event("next")]))
    assert gate.packs == [(SUBJECT, ["next"])]
    assert batcher.queued == 0


async def test_a_call_stored_in_part_is_ambiguous(gate: Gate) -> None:
    alone = Batcher(gate, max_events=1, in_flight=1)
    await alone.start()
    gate.error, gate.good_for = Unavailable("away"), 1
    call = start(alone, "a", "b", "c")
    with pytest.raises(Ambiguous):
        await within(call)
    assert alone.queued == 0, "what was not sent yet is not sent any more"
    await alone.stop()


async def test_a_cancelled_caller_does_not_cancel_the_publish(batcher: Batcher, gate: Gate) -> None:
    gate.open.clear()
    leaving, staying = start(batcher, "a"), start(batcher, "b")
    await eventually(lambda: gate.inside == 1)
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    gate.open.set()
    await within(staying)
    assert gate.packs == [(SUBJECT, ["a", "b"])]


async def test_an_unforeseen_error_reaches_the_callers() -> None:
    class Broken(Gate):
        @override
        async def publish(
            self,
            subject: str,
            body: bytes,
            *,
            headers: Mapping[str, str] | None = None,
            message_id: str | None = None,
            timeout_s: float = 3.0,
        ) -> int:
            raise ZeroDivisionError

    broken = Batcher(Broken())
    await broken.start()
    with pytest.raises(Ambiguous, match="ZeroDivisionError"):
        await within(broken.publish(SUBJECT, [event("a")]))
    await broken.stop()


async def test_what_waited_past_the_deadline_is_not_sent(gate: Gate) -> None:
    impatient = Batcher(gate, max_events=1, in_flight=1, deadline_s=0.05)
    await impatient.start()
    gate.open.clear()
    first, second = start(impatient, "a"), start(impatient, "b")
    await eventually(lambda: gate.inside == 1)
    await asyncio.sleep(0.1)
    gate.open.set()
    await within(first)
    with pytest.raises(Overloaded):
        await within(second)
    assert gate.packs == [(SUBJECT, ["a"])]
    await impatient.stop()


async def test_stop_publishes_what_is_queued(batcher: Batcher, gate: Gate) -> None:
    gate.open.clear()
    tasks = [start(batcher, text) for text in "abcdefgh"]
    await eventually(lambda: gate.inside == 2)
    stopping = asyncio.create_task(batcher.stop(deadline_s=10))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable):
        await batcher.publish(SUBJECT, [event("late")])
    gate.open.set()
    await within(asyncio.gather(stopping, *tasks))
    assert sum(len(events) for _, events in gate.packs) == 8


async def test_stop_fails_what_it_cannot_publish_in_time(batcher: Batcher, gate: Gate) -> None:
    gate.open.clear()
    tasks = [start(batcher, *"abcd"), start(batcher, *"efgh"), start(batcher, *"ijkl")]
    await eventually(lambda: gate.inside == 2)
    await within(batcher.stop(deadline_s=0.05))
    results = await within(asyncio.gather(*tasks, return_exceptions=True))
    assert [type(result) for result in results] == [Ambiguous, Ambiguous, Unavailable]
    assert batcher.queued == 0
    assert gate.inside == 0


async def test_nothing_is_stored_at_once(batcher: Batcher, gate: Gate) -> None:
    await within(batcher.publish(SUBJECT, []))
    assert gate.packs == []
