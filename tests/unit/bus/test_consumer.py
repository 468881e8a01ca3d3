"""EventConsumer: every event is handled or laid down, and only then acknowledged."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest
from typing_extensions import override

from bus.consumer import EventConsumer, Handle, Received, Refusal
from bus.dead import DeadLetters
from bus.errors import Retryable, Unavailable
from bus.letters import Filter, Letter, Letters
from bus.memory import MemoryBus
from bus.ports import Publisher
from contracts import batch
from support.waiting import eventually, until_true, within
from support.wire import event, packed


class Handler:
    """Keeps what it was given; `verdict` may refuse or raise."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.received: list[Received] = []
        self.verdict: Callable[[Sequence[Received]], Sequence[Refusal]] = lambda _: ()

    async def __call__(self, received: Sequence[Received]) -> Sequence[Refusal]:
        self.batches.append([_name(each) for each in received])
        refusals = self.verdict(received)
        self.received.extend(received)
        return refusals

    @property
    def names(self) -> list[str]:
        return [_name(each) for each in self.received]


def _name(received: Received) -> str:
    return received.event.id.rsplit(":", 1)[1]


@pytest.fixture
def handler() -> Handler:
    return Handler()


@asynccontextmanager
async def running(
    bus: MemoryBus, handle: Handle, *, workers: int = 1
) -> AsyncIterator[EventConsumer]:
    consumer = EventConsumer(
        bus, "inbox-core", handle, DeadLetters(bus.publisher, "inbox-core"), workers=workers
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await within(consumer.stop())


async def publish(bus: MemoryBus, *bodies: bytes) -> None:
    for body in bodies:
        await bus.publisher.publish("inbound.whatsapp", body)


async def settled(bus: MemoryBus) -> None:
    """Until everything in INBOUND is acknowledged."""

    async def done() -> bool:
        floors = await bus.acknowledged("INBOUND")
        return floors["inbox-core"] == (await bus.stream("INBOUND")).last_sequence

    await until_true(done)


async def letters(bus: MemoryBus) -> list[Letter]:
    return [letter async for letter in Letters(bus).each(Filter())]


async def test_events_are_decoded_and_acknowledged(memory: MemoryBus, handler: Handler) -> None:
    await publish(memory, packed("a", "b"), packed("c"))
    async with running(memory, handler):
        await settled(memory)
    assert handler.names == ["a", "b", "c"]
    first = handler.received[0]
    assert (first.subject, first.sequence) == ("inbound.whatsapp", 1)
    assert batch.unpack(b"[" + first.body + b"]")[0]["id"] == first.event.id
    assert await letters(memory) == []


async def test_what_waits_is_gathered_into_one_batch(memory: MemoryBus, handler: Handler) -> None:
    await publish(memory, *(packed(str(number)) for number in range(250)))
    async with running(memory, handler):
        await settled(memory)
    assert [len(names) for names in handler.batches] == [100, 100, 50]


async def test_a_message_is_never_split(memory: MemoryBus, handler: Handler) -> None:
    await publish(memory, *(packed(*map(str, range(64))) for _ in range(4)))
    async with running(memory, handler):
        await settled(memory)
    assert [len(names) for names in handler.batches] == [128, 128]


async def test_large_messages_travel_in_small_batches(memory: MemoryBus, handler: Handler) -> None:
    big = event("x" * 3_000_000)
    await publish(memory, *(batch.pack([batch.encode(big)]) for _ in range(4)))
    async with running(memory, handler):
        await settled(memory)
    assert [len(names) for names in handler.batches] == [2, 2]


async def test_an_unreadable_event_costs_none_of_its_neighbours(
    memory: MemoryBus, handler: Handler
) -> None:
    broken = b'{"type":"sluice.nonsense.v1","id":"x"}'
    body = batch.pack([batch.encode(event("a")), broken, b"17", batch.encode(event("b"))])
    await publish(memory, body)
    async with running(memory, handler):
        await settled(memory)
    assert handler.names == ["a", "b"]
    first, second = await letters(memory)
    assert (first.reason, first.body, first.whole) == ("malformed", broken, False)
    assert (second.body, second.subject) == (b"17", "inbound.whatsapp")


async def test_a_body_that_is_no_batch_is_laid_down_whole(
    memory: MemoryBus, handler: Handler
) -> None:
    await publish(memory, b"\xff not json", packed("a"))
    async with running(memory, handler):
        await settled(memory)
    [letter] = await letters(memory)
    assert (letter.reason, letter.body, letter.whole) == ("malformed", b"\xff not json", True)
    assert handler.names == ["a"]


async def test_what_the_handler_refuses_is_laid_down_and_the_rest_goes_on(
    memory: MemoryBus, handler: Handler
) -> None:
    handler.verdict = lambda received: [
        Refusal(each, "unknown_channel", "no such account")
        for each in received
        if _name(each) == "b"
    ]
    await publish(memory, packed("a", "b", "c", account="2002"))
    async with running(memory, handler):
        await settled(memory)
    [letter] = await letters(memory)
    assert (letter.reason, letter.detail) == ("unknown_channel", "no such account")
    assert (letter.channel, letter.account) == ("whatsapp", "2002")
    assert letter.event_id.endswith(":b")
    assert letter.service == "inbox-core"


async def test_infrastructure_repeats_the_same_batch_and_is_never_poison(
    memory: MemoryBus, handler: Handler
) -> None:
    failures = [Retryable("database away", 0.0) for _ in range(4)]

    def verdict(_: Sequence[Received]) -> Sequence[Refusal]:
        if failures:
            raise failures.pop()
        return ()

    handler.verdict = verdict
    await publish(memory, packed("a", "b"))
    async with running(memory, handler):
        await settled(memory)
    assert handler.batches == [["a", "b"]] * 5
    assert await letters(memory) == []


@pytest.mark.parametrize(
    "poison", [{"a"}, {"c"}, {"b", "e"}, set("abcdefgh")], ids=["first", "middle", "two", "all"]
)
async def test_poison_is_searched_for_and_costs_only_itself(
    memory: MemoryBus, handler: Handler, poison: set[str]
) -> None:
    def verdict(received: Sequence[Received]) -> Sequence[Refusal]:
        if any(_name(each) in poison for each in received):
            raise ValueError("personal data: +15550100")
        return ()

    handler.verdict = verdict
    await publish(memory, packed(*"abcd"), packed(*"efgh"))
    async with running(memory, handler):
        await settled(memory)
    assert set(handler.names) == set("abcdefgh") - poison
    found = await letters(memory)
    assert {letter.event_id.rsplit(":", 1)[1] for letter in found} == poison
    assert {letter.reason for letter in found} == {"poison"}
    for letter in found:
        assert letter.detail.startswith("builtins.ValueError in unit/bus/test_consumer.py:")
    for name in poison:
        assert handler.batches.count([name]) == 2, "it fails alone twice before it is laid down"


async def test_an_event_that_fails_alone_once_is_no_poison(
    memory: MemoryBus, handler: Handler
) -> None:
    def verdict(received: Sequence[Received]) -> Sequence[Refusal]:
        if handler.batches.count([_name(received[0])]) == 1:
            raise ValueError
        return ()

    handler.verdict = verdict
    await publish(memory, packed("a"))
    async with running(memory, handler):
        await settled(memory)
    assert handler.names == ["a"]
    assert await letters(memory) == []


class Full(Publisher):
    """A publisher whose stream is full for a while."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self.full = True
        self.tries = 0

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
        self.tries += 1
        if self.full:
            raise Unavailable("DEAD is full", 0.0)
        return await self._publisher.publish(subject, body, headers=headers)


async def test_a_letter_that_cannot_be_written_stops_progress(
    memory: MemoryBus, handler: Handler
) -> None:
    full = Full(memory.publisher)
    dead = DeadLetters(full, "inbox-core")
    await publish(memory, b"[1]")
    consumer = EventConsumer(memory, "inbox-core", handler, dead, workers=1)
    await consumer.start()
    await eventually(lambda: full.tries >= 3)
    assert (await memory.acknowledged("INBOUND"))["inbox-core"] == 0
    full.full = False
    await settled(memory)
    await within(consumer.stop())
    assert len(await letters(memory)) == 1


async def test_stop_finishes_the_batch_in_hand(memory: MemoryBus) -> None:
    entered, leave = asyncio.Event(), asyncio.Event()

    async def slow(_: Sequence[Received]) -> Sequence[Refusal]:
        entered.set()
        await leave.wait()
        return ()

    await publish(memory, packed("a"))
    consumer = EventConsumer(
        memory, "inbox-core", slow, DeadLetters(memory.publisher, "inbox-core")
    )
    await consumer.start()
    await within(entered.wait())
    stopping = asyncio.create_task(consumer.stop(deadline_s=10))
    await asyncio.sleep(0)
    leave.set()
    await within(stopping)
    await settled(memory)


@pytest.mark.parametrize("why", ["hangs", "retries"])
async def test_stop_gives_back_what_cannot_be_finished(memory: MemoryBus, why: str) -> None:
    entered = asyncio.Event()

    async def stuck(_: Sequence[Received]) -> Sequence[Refusal]:
        entered.set()
        if why == "hangs":
            await asyncio.Event().wait()
        raise Retryable("away", 60)

    await publish(memory, packed("a"))
    consumer = EventConsumer(
        memory, "inbox-core", stuck, DeadLetters(memory.publisher, "inbox-core"), workers=1
    )
    await consumer.start()
    await within(entered.wait())
    await within(consumer.stop(deadline_s=0.05))
    [message] = await (await memory.subscribe("inbox-core")).next(1, 5)
    assert message.deliveries == 2


async def test_two_workers_share_the_work(memory: MemoryBus) -> None:
    together = asyncio.Barrier(2)

    async def meet(_: Sequence[Received]) -> Sequence[Refusal]:
        await together.wait()
        return ()

    bodies = [packed(*map(str, range(100))) for _ in range(4)]
    await publish(memory, *bodies)
    async with running(memory, meet, workers=2):
        await settled(memory)


async def test_an_outage_is_waited_out(memory: MemoryBus, handler: Handler) -> None:
    await publish(memory, packed("a"))
    async with running(memory, handler):
        await settled(memory)
        memory.down()
        await asyncio.sleep(0.05)
        memory.up()
        await publish(memory, packed("b"))
        await settled(memory)
    assert handler.names == ["a", "b"]
