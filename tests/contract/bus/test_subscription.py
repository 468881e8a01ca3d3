"""Subscription: handed out, acknowledged, given back, handed out again."""

import asyncio

import pytest

from bus.errors import Permanent
from bus.ports import Delivered, Publisher, Subscription
from support.rigs import ACK_WAIT_S, AnyBus, Rig
from support.waiting import until_true, within

PATIENCE_S = 10.0 * ACK_WAIT_S


async def fill(publisher: Publisher, count: int, subject: str = "inbound.whatsapp") -> None:
    for number in range(count):
        await publisher.publish(subject, b"%d" % number)


async def take(subscription: Subscription, count: int) -> list[Delivered]:
    """Exactly `count` messages, however many calls it takes."""
    taken: list[Delivered] = []
    while len(taken) < count:
        messages = await subscription.next(count - len(taken), PATIENCE_S)
        assert messages, "nothing came in time"
        taken.extend(messages)
    return taken


async def test_messages_come_in_order_and_once(bus: AnyBus) -> None:
    await fill(bus.publisher, 300)
    subscription = await bus.subscribe("inbox-core")
    taken = await take(subscription, 300)
    assert [message.body for message in taken] == [b"%d" % number for number in range(300)]
    assert {message.deliveries for message in taken} == {1}
    assert taken[0].stream == "INBOUND"
    for message in taken:
        await subscription.ack(message)
    assert not await subscription.next(10, 2.5 * ACK_WAIT_S)


async def test_next_hands_out_no_more_than_asked(bus: AnyBus) -> None:
    await fill(bus.publisher, 5)
    subscription = await bus.subscribe("inbox-core")
    assert len(await subscription.next(2, PATIENCE_S)) <= 2


async def test_next_answers_empty_after_its_wait(bus: AnyBus) -> None:
    subscription = await bus.subscribe("inbox-core")
    assert not await within(subscription.next(10, 0))
    assert not await within(subscription.next(10, 0.05))


async def test_next_wakes_when_a_message_comes(bus: AnyBus) -> None:
    subscription = await bus.subscribe("inbox-core")
    waiting = asyncio.create_task(subscription.next(10, PATIENCE_S))
    await asyncio.sleep(0)
    await fill(bus.publisher, 1)
    [message] = await waiting
    assert message.body == b"0"


async def test_what_is_not_acknowledged_comes_again(bus: AnyBus) -> None:
    await fill(bus.publisher, 1)
    subscription = await bus.subscribe("inbox-core")
    [first] = await take(subscription, 1)
    [again] = await take(subscription, 1)
    assert (again.sequence, again.deliveries) == (first.sequence, 2)


async def test_a_nak_brings_it_back_at_once(bus: AnyBus) -> None:
    await fill(bus.publisher, 1)
    subscription = await bus.subscribe("inbox-core")
    [first] = await take(subscription, 1)
    await subscription.nak(first)
    [again] = await subscription.next(1, ACK_WAIT_S / 2)
    assert again.deliveries == 2


async def test_a_nak_with_a_delay_brings_it_back_later(bus: AnyBus) -> None:
    await fill(bus.publisher, 1)
    subscription = await bus.subscribe("inbox-core")
    [first] = await take(subscription, 1)
    await subscription.nak(first, 2 * ACK_WAIT_S)
    assert not await subscription.next(1, 1.4 * ACK_WAIT_S)
    assert await take(subscription, 1)


async def test_working_puts_the_deadline_off(bus: AnyBus) -> None:
    await fill(bus.publisher, 1)
    subscription = await bus.subscribe("inbox-core")
    [first] = await take(subscription, 1)
    for _ in range(4):
        assert not await subscription.next(1, ACK_WAIT_S / 2)
        await subscription.working(first)
    await subscription.ack(first)
    assert not await subscription.next(1, 1.5 * ACK_WAIT_S)


async def test_a_work_queue_forgets_what_is_acknowledged(bus: AnyBus) -> None:
    await fill(bus.publisher, 2, "outbound.whatsapp.send")
    subscription = await bus.subscribe("whatsapp-send")
    for message in await take(subscription, 2):
        await subscription.ack(message)

    async def empty() -> bool:
        return (await bus.stream("OUTBOUND")).messages == 0

    await until_true(empty)


async def test_a_consumer_reads_only_its_subjects(bus: AnyBus) -> None:
    await fill(bus.publisher, 1, "outbound.whatsapp.media")
    await fill(bus.publisher, 1, "outbound.whatsapp.send")
    subscription = await bus.subscribe("whatsapp-send")
    [message] = await take(subscription, 1)
    assert message.subject == "outbound.whatsapp.send"
    assert not await subscription.next(1, 0.1)


async def test_two_readers_share_one_consumer(rig: Rig) -> None:
    one = await rig.bus.subscribe("inbox-core")
    other = await (await rig.another()).subscribe("inbox-core")
    await fill(rig.bus.publisher, 400)
    seen: list[int] = []

    async def drain(subscription: Subscription) -> None:
        while len(seen) < 400:
            for message in await subscription.next(20, 0.2):
                seen.append(message.sequence)
                await subscription.ack(message)

    await within(asyncio.gather(drain(one), drain(other)))
    assert sorted(seen) == list(range(1, 401))


async def test_close_gives_back_what_was_not_handed_out(rig: Rig) -> None:
    await fill(rig.bus.publisher, 50)
    leaving = await rig.bus.subscribe("inbox-core")
    [first] = await leaving.next(1, PATIENCE_S)
    await leaving.ack(first)
    await leaving.close()
    assert not await leaving.next(10, 0)

    staying = await (await rig.another()).subscribe("inbox-core")
    rest = await within(take(staying, 49), ACK_WAIT_S * 0.9)
    assert {message.sequence for message in rest} == set(range(2, 51))


async def test_a_large_message_passes(bus: AnyBus) -> None:
    body = b"x" * (7 * 1024 * 1024)
    await bus.publisher.publish("inbound.whatsapp", body)
    await bus.publisher.publish("inbound.whatsapp", body)
    await bus.publisher.publish("inbound.whatsapp", b"small")
    subscription = await bus.subscribe("inbox-core")
    taken = await take(subscription, 3)
    assert [len(message.body) for message in taken] == [len(body), len(body), 5]


async def test_nobody_knows_the_consumer(bus: AnyBus) -> None:
    with pytest.raises(Permanent):
        await bus.subscribe("a-stranger")


async def test_a_reader_may_come_before_its_server(rig: Rig) -> None:
    await rig.outage()
    subscription = await rig.bus.subscribe("inbox-core")
    assert not await subscription.next(1, 0.05)
    await rig.recover()
    await fill(rig.bus.publisher, 3)
    assert [message.sequence for message in await take(subscription, 3)] == [1, 2, 3]
    assert not await subscription.next(1, 0.1)


async def test_an_outage_is_silence_and_then_it_goes_on(rig: Rig) -> None:
    subscription = await rig.bus.subscribe("inbox-core")
    await fill(rig.bus.publisher, 1)
    [first] = await take(subscription, 1)
    await rig.outage()
    assert not await subscription.next(1, 0.1)
    for settle in (subscription.ack, subscription.nak, subscription.working):
        await settle(first)
    await rig.recover()
    [again] = await take(subscription, 1)
    assert again.sequence == first.sequence
    await subscription.ack(again)
    await fill(rig.bus.publisher, 1)
    [new] = await take(subscription, 1)
    assert new.sequence == first.sequence + 1
