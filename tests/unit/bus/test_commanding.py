"""CommandConsumer: each command alone, many at once, given back or laid down, never lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from bus.commanding import CommandConsumer, Done, Handle, Later, Verdict
from bus.dead import DeadLetters
from bus.errors import Retryable
from bus.holding import holding
from bus.letters import Filter, Letter, Letters
from bus.memory import MemoryBus
from bus.ports import Delivered
from contracts.commands import CommandId, SendCommand
from support.clock import Clock
from support.waiting import eventually, until_true, within
from support.wire import packed_command

SUBJECT = "outbound.whatsapp.send"


@asynccontextmanager
async def running(
    bus: MemoryBus, handle: Handle[SendCommand], *, at_once: int = 64, max_failures: int = 5
) -> AsyncIterator[CommandConsumer[SendCommand]]:
    consumer = CommandConsumer(
        bus,
        "whatsapp-send",
        SendCommand,
        handle,
        DeadLetters(bus.publisher, "ingest-whatsapp"),
        at_once=at_once,
        max_failures=max_failures,
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await within(consumer.stop())


async def send(bus: MemoryBus, *numbers: int) -> None:
    for number in numbers:
        await bus.publisher.publish(SUBJECT, packed_command(number))


async def emptied(bus: MemoryBus) -> None:
    """Until the work queue holds nothing."""

    async def empty() -> bool:
        return (await bus.stream("OUTBOUND")).messages == 0

    await until_true(empty)


async def letters(bus: MemoryBus) -> list[Letter]:
    return [letter async for letter in Letters(bus).each(Filter())]


def scripted(*verdicts: Verdict | Exception) -> tuple[list[int], Handle[SendCommand]]:
    """A handler that answers in turn, the last answer for ever; and the deliveries it saw."""
    deliveries: list[int] = []

    async def handle(_: SendCommand, message: Delivered) -> Verdict:
        deliveries.append(message.deliveries)
        verdict = verdicts[min(len(deliveries), len(verdicts)) - 1]
        if isinstance(verdict, Exception):
            raise verdict
        return verdict

    return deliveries, handle


async def test_done_is_acknowledged(memory: MemoryBus) -> None:
    seen: list[str] = []

    async def handle(command: SendCommand, _: Delivered) -> Verdict:
        seen.append(command.id)
        return Done()

    await send(memory, 1, 2)
    async with running(memory, handle):
        await emptied(memory)
    assert sorted(seen) == [str(CommandId(UUID(int=n), 1, 0)) for n in (1, 2)]


async def test_many_run_at_once_and_no_more_than_allowed(memory: MemoryBus) -> None:
    inside = most = 0
    leave = asyncio.Event()

    async def handle(_: SendCommand, __: Delivered) -> Verdict:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        await leave.wait()
        inside -= 1
        return Done()

    await send(memory, *range(20))
    async with running(memory, handle, at_once=8):
        await eventually(lambda: inside == 8)
        leave.set()
        await emptied(memory)
    assert most == 8


@pytest.mark.parametrize(
    "first", [Later(0.01), Retryable("bus away", 0.01), ValueError("unforeseen")], ids=str
)
async def test_what_was_not_done_comes_again(
    memory: MemoryBus,
    clock: Clock,
    first: Verdict | Exception,
) -> None:
    deliveries, handle = scripted(first, Done())
    await send(memory, 1)
    async with running(memory, handle):
        await eventually(lambda: len(deliveries) == 1)
        clock.forward(10)
        await emptied(memory)
    assert deliveries == [1, 2]
    assert await letters(memory) == []


async def test_later_is_not_before_its_delay(memory: MemoryBus, clock: Clock) -> None:
    deliveries, handle = scripted(Later(20), Done())
    await send(memory, 1)
    async with running(memory, handle):
        await eventually(lambda: len(deliveries) == 1)
        clock.forward(19)
        await asyncio.sleep(0.1)
        assert deliveries == [1]
        clock.forward(2)
        await emptied(memory)


async def test_failing_again_and_again_is_poison(memory: MemoryBus, clock: Clock) -> None:
    deliveries, handle = scripted(Later(0), ValueError("+15550100"))
    await send(memory, 1)
    async with running(memory, handle, max_failures=3):
        for count in range(1, 4):
            await eventually(lambda seen=count: len(deliveries) >= seen)  # type: ignore[misc]
            clock.forward(10)
        await emptied(memory)
    assert deliveries == [1, 2, 3, 4], "what Later gave back does not count"
    [letter] = await letters(memory)
    assert (letter.reason, letter.whole, letter.subject) == ("poison", False, SUBJECT)
    assert "+15550100" not in letter.detail
    assert letter.event_id == str(CommandId(UUID(int=1), 1, 0))


@pytest.mark.parametrize(
    "body", [b"[]", b"nonsense", b"[{}]", packed_command(1)[:-1] + b"," + packed_command(2)[1:]]
)
async def test_an_unreadable_command_is_laid_down(memory: MemoryBus, body: bytes) -> None:
    deliveries, handle = scripted(Done())
    await memory.publisher.publish(SUBJECT, body)
    async with running(memory, handle):
        await emptied(memory)
    [letter] = await letters(memory)
    assert (letter.reason, letter.body, letter.whole) == ("malformed", body, True)
    assert deliveries == []


async def test_a_long_call_keeps_its_message(memory: MemoryBus, clock: Clock) -> None:
    await send(memory, 1)
    subscription = await memory.subscribe("whatsapp-send")
    [message] = await subscription.next(1, 1)
    async with holding(subscription, [message], 0.01):
        for _ in range(4):
            clock.forward(20)
            await asyncio.sleep(0.05)
            assert not await subscription.next(1, 0)


@pytest.mark.parametrize("how", ["finishes", "hangs"])
async def test_stop_finishes_or_gives_back(memory: MemoryBus, how: str) -> None:
    entered, leave = asyncio.Event(), asyncio.Event()

    async def handle(_: SendCommand, __: Delivered) -> Verdict:
        entered.set()
        await leave.wait()
        return Done()

    await send(memory, 1)
    consumer = CommandConsumer(
        memory,
        "whatsapp-send",
        SendCommand,
        handle,
        DeadLetters(memory.publisher, "ingest-whatsapp"),
    )
    await consumer.start()
    await within(entered.wait())
    if how == "finishes":
        leave.set()
    await within(consumer.stop(deadline_s=5 if how == "finishes" else 0.05))
    left = await (await memory.subscribe("whatsapp-send")).next(1, 0)
    assert [message.deliveries for message in left] == ([] if how == "finishes" else [2])
