"""What a webhook is answered when the bus is slow, full or refuses: a publisher that does it."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence

import pytest
from typing_extensions import override

from bus.errors import Ambiguous, BusError, TooLarge, Unavailable
from bus.ports import Publisher
from contracts.subjects import CONSUMERS, STREAMS
from support import whatsapp as wa
from support.rigs import MemoryRig
from support.waiting import eventually
from support.whatsapp_gate import open_gate


class Stalled(Publisher):
    """Takes messages and stores none until `go`; then passes them on, or raises `error`."""

    def __init__(self, behind: Publisher, error: Exception | None = None) -> None:
        self.go = asyncio.Event()
        self.asked = 0
        self._behind = behind
        self._error = error

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
        self.asked += 1
        await self.go.wait()
        if self._error is not None and subject.startswith("inbound."):
            raise self._error
        return await self._behind.publish(subject, body, headers=headers, message_id=message_id)


@pytest.fixture
async def memory() -> AsyncIterator[MemoryRig]:
    rig = MemoryRig(STREAMS, CONSUMERS)
    yield rig
    await rig.close()


async def test_below_its_bound_the_queue_takes_a_body_whole_and_above_it_none(
    memory: MemoryRig,
) -> None:
    stalled = Stalled(memory.bus.publisher)
    async with open_gate(memory, publisher=stalled, queue_events=1) as gate:
        taken: list[asyncio.Task[tuple[int, str]]] = []
        for number in range(2):  # as many as may be in flight
            taken.append(asyncio.create_task(gate.post(wa.texts([number]))))
            await eventually(lambda: stalled.asked == len(taken))
        taken.append(asyncio.create_task(gate.post(wa.texts(range(10, 310)))))
        await eventually(lambda: gate.batcher.queued == 300)
        assert await gate.post(wa.texts([999])) == (503, "busy")
        stalled.go.set()
        assert [await answer for answer in taken] == [(200, "stored")] * 3
        assert len(await gate.events()) == 302
        assert await gate.post(wa.texts([999])) == (200, "stored")


@pytest.mark.parametrize(
    ("messages", "answer"), [([1], "not_durable"), (range(1, 300), "late")], ids=["one", "many"]
)
async def test_a_bus_that_does_not_answer_in_time_is_waited_for_no_longer(
    memory: MemoryRig, messages: Sequence[int], answer: str
) -> None:
    stalled = Stalled(memory.bus.publisher)
    async with open_gate(memory, publisher=stalled, deadline_s=0.2) as gate:
        assert await gate.post(wa.texts(messages)) == (503, answer)
        stalled.go.set()
        assert await gate.post(wa.texts(messages)) == (200, "stored")
        assert set(await gate.external_ids()) == {f"wamid.TEXT{number:06}" for number in messages}


@pytest.mark.parametrize("error", [Ambiguous("no answer"), Unavailable("stream is full")], ids=repr)
async def test_what_is_not_surely_stored_is_not_answered_200(
    memory: MemoryRig, error: BusError
) -> None:
    refusing = Stalled(memory.bus.publisher, error)
    refusing.go.set()
    async with open_gate(memory, publisher=refusing) as gate:
        assert await gate.post(wa.texts([1])) == (503, "not_durable")


async def test_what_the_bus_will_never_take_is_laid_down_whole(memory: MemoryRig) -> None:
    refusing = Stalled(memory.bus.publisher, TooLarge("above max_payload"))
    refusing.go.set()
    async with open_gate(memory, publisher=refusing) as gate:
        body = wa.texts([1, 2])
        assert await gate.post(body) == (200, "stored")
        assert await gate.dead() == [("unpublishable", body)]
