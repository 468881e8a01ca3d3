"""Each known trap of nats-py 2.16, sprung on our classes against a real server.

A row of the list in docs/adr about the bus is a test here; without our way around it, it fails.
"""

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

import pytest
from nats.errors import FlushTimeoutError

from bus import jetstream
from bus.connection import open_connection
from bus.errors import Ambiguous, Retryable, TooLarge, Unavailable
from bus.jetstream import JetStreamBus
from bus.ports import Delivered, Subscription
from bus.pulling import Pace
from bus.subscription import Subscription as SubscriptionOf
from sluice_local.servers.ports import free_port
from support.nats_server import NatsServer
from support.rigs import JetStreamRig
from support.waiting import eventually, until_true, within


@pytest.fixture
def bus(real: JetStreamRig) -> JetStreamBus:
    assert isinstance(real.bus, JetStreamBus)
    return real.bus


async def take(subscription: Subscription, count: int) -> Sequence[Delivered]:
    taken: list[Delivered] = []
    while len(taken) < count:
        messages = await subscription.next(count - len(taken), 10)
        assert messages, "nothing came in time"
        taken.extend(messages)
    return taken


async def test_failed_publishes_leave_nothing_behind(real: JetStreamRig, bus: JetStreamBus) -> None:
    await real.outage()
    for _ in range(1000):
        with pytest.raises(Unavailable):
            await bus.publisher.publish("inbound.whatsapp", b"x")
    assert bus.replies.open == 0
    await real.recover()
    for _ in range(100):
        with pytest.raises(TooLarge):
            await bus.publisher.publish("inbound.whatsapp", b"x" * 9_000_000)
    assert bus.replies.open == 0


async def test_a_body_that_only_its_headers_make_too_large_costs_no_connection(
    bus: JetStreamBus,
) -> None:
    """nats-py counts the body alone; the server closes the connection, nats-py for ever."""
    body = b"x" * (8 * 1024 * 1024 - 10)
    with pytest.raises(TooLarge):
        await bus.publisher.publish("inbound.whatsapp", body, headers={"A": "b" * 50})
    assert bus.connected
    assert await bus.publisher.publish("inbound.whatsapp", b"next")


async def test_an_error_of_the_server_is_a_reconnect_and_not_the_end(bus: JetStreamBus) -> None:
    """A line the server cannot parse makes it answer -ERR and close."""
    # No call writes nonsense: this takes the client's own road to the socket.
    await bus.connection.client._send_command(b"NONSENSE\r\n")  # noqa: SLF001
    await bus.notify("signal.w.typing", b"flushes it")
    await eventually(lambda: bus.connection.client.stats["reconnects"] == 1)
    await until_true(lambda: _published(bus))


async def test_publishes_in_flight_at_a_restart_all_resolve(
    real: JetStreamRig, bus: JetStreamBus
) -> None:
    outcomes: list[str] = []
    stopping = asyncio.Event()

    async def publisher() -> None:
        while not stopping.is_set():
            try:
                await bus.publisher.publish("inbound.whatsapp", b"x", timeout_s=60)
                outcomes.append("stored")
            except Retryable as error:
                outcomes.append(type(error).__name__)
                await asyncio.sleep(0.001)

    publishers = [asyncio.create_task(publisher()) for _ in range(32)]
    for _ in range(3):
        before = outcomes.count("stored")
        await eventually(lambda seen=before: outcomes.count("stored") > seen + 50)  # type: ignore[misc]
        await real.outage()
        await real.recover()
    stopping.set()
    # Far below the 60 s each publish may take: nobody waits for its deadline.
    await within(asyncio.gather(*publishers), 10)
    assert bus.replies.open == 0
    assert {"stored", "Ambiguous", "Unavailable"} >= set(outcomes)
    stored = (await bus.stream("INBOUND")).messages
    assert outcomes.count("stored") <= stored <= len(outcomes)
    assert outcomes.count("stored") + outcomes.count("Ambiguous") >= stored


async def test_a_lost_connection_fails_what_waits_at_once(
    real: JetStreamRig, bus: JetStreamBus
) -> None:
    await real.server.pause()
    waiting = [
        asyncio.create_task(bus.publisher.publish("inbound.whatsapp", b"x", timeout_s=60))
        for _ in range(20)
    ]
    await eventually(lambda: bus.replies.open == 20)
    await real.server.kill()
    results = await within(asyncio.gather(*waiting, return_exceptions=True), 10)
    assert {type(result) for result in results} == {Ambiguous}


async def test_a_cancelled_publish_leaves_no_entry(real: JetStreamRig, bus: JetStreamBus) -> None:
    await real.server.pause()
    waiting = [
        asyncio.create_task(bus.publisher.publish("inbound.whatsapp", b"x")) for _ in range(50)
    ]
    await eventually(lambda: bus.replies.open == 50)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert bus.replies.open == 0
    real.server.resume()


async def test_a_publish_without_an_answer_is_ambiguous(
    real: JetStreamRig, bus: JetStreamBus
) -> None:
    await real.server.pause()
    with pytest.raises(Ambiguous):
        await bus.publisher.publish("inbound.whatsapp", b"x", timeout_s=0.05)
    real.server.resume()
    assert bus.replies.open == 0
    await until_true(lambda: _published(bus))


async def test_the_answer_to_a_forgotten_publish_disturbs_nobody(
    real: JetStreamRig, bus: JetStreamBus
) -> None:
    await real.server.pause()
    with pytest.raises(Ambiguous):
        await bus.publisher.publish("inbound.whatsapp", b"late", timeout_s=0.05)
    real.server.resume()
    assert await within(bus.publisher.publish("inbound.whatsapp", b"next")) == 2


async def test_a_flush_that_gave_up_does_not_end_the_reading(
    real: JetStreamRig, bus: JetStreamBus
) -> None:
    """The PONG of a flush nobody waits for any more ends nats-py's read loop."""
    await real.server.pause()
    with pytest.raises(FlushTimeoutError):
        await bus.connection.client.flush(timeout=1)
    real.server.resume()
    assert await bus.publisher.publish("inbound.whatsapp", b"x", timeout_s=10)
    assert bus.connection.client.stats["reconnects"] == 0


async def test_pulling_goes_on_after_restarts(real: JetStreamRig, bus: JetStreamBus) -> None:
    subscription = await bus.subscribe("inbox-core")
    for number in range(3):
        await bus.publisher.publish("inbound.whatsapp", b"%d" % number)
        seen = b""
        while seen != b"%d" % number:
            # A killed server may have forgotten an acknowledgement: then it comes again.
            [message] = await take(subscription, 1)
            seen = message.body
            await subscription.ack(message)
        await real.outage()
        await real.recover()


async def test_idle_pulls_are_renewed_without_an_error(bus: JetStreamBus) -> None:
    """Requests that expire with nothing to give are no error, and the next ones work."""
    pace = Pace(expires_s=0.6, heartbeat_s=0.2)
    subscription = SubscriptionOf(bus.connection, "INBOUND", "inbox-core", 30, pace)
    await subscription.start()
    assert not await subscription.next(10, 2)
    await bus.publisher.publish("inbound.whatsapp", b"x")
    [message] = await take(subscription, 1)
    assert message.deliveries == 1
    await subscription.close()


async def test_a_server_that_forgot_us_is_asked_again(
    real: JetStreamRig, bus: JetStreamBus
) -> None:
    """No heartbeat in time: the requests are taken for lost, and new ones sent."""
    pace = Pace(expires_s=0.6, heartbeat_s=0.2)
    subscription = SubscriptionOf(bus.connection, "INBOUND", "inbox-core", 30, pace)
    await subscription.start()
    await real.server.pause()
    assert not await subscription.next(1, 2)
    real.server.resume()
    await bus.publisher.publish("inbound.whatsapp", b"x", timeout_s=10)
    assert await take(subscription, 1)
    assert bus.connection.client.stats["reconnects"] == 0
    await subscription.close()


async def test_a_consumer_deleted_and_made_again_is_read_on(
    real: JetStreamRig, bus: JetStreamBus
) -> None:
    subscription = await bus.subscribe("inbox-core")
    assert not await subscription.next(1, 0.1)
    await real.api.call("CONSUMER.DELETE.INBOUND.inbox-core")
    assert not await subscription.next(1, 0.6)
    await real.remake("INBOUND")
    await bus.publisher.publish("inbound.whatsapp", b"x")
    assert await take(subscription, 1)


async def test_nothing_is_dropped_for_being_slow(bus: JetStreamBus) -> None:
    """More waits unread than nats-py's default limits allow a subscription."""
    body = b"x" * (6 * 1024 * 1024)
    for _ in range(30):
        await bus.publisher.publish("inbound.whatsapp", body)
    subscription = await bus.subscribe("inbox-core")
    await asyncio.sleep(0.5)
    seen = []
    for _ in range(30):
        [message] = await take(subscription, 1)
        seen.append(message.sequence)
        await subscription.ack(message)
    assert seen == list(range(1, 31))


async def test_it_never_stops_trying_to_reconnect(real: JetStreamRig, bus: JetStreamBus) -> None:
    """More failed attempts than nats-py's default allows before it closes for ever."""
    client = bus.connection.client
    await real.outage()
    await eventually(lambda: client.server_pool[0].reconnects > 5)
    assert client.options["max_reconnect_attempts"] == -1
    await real.recover()
    assert await _published(bus)


async def test_a_peer_that_reads_nothing_does_not_hold_up_the_reconnect(
    real: JetStreamRig,
) -> None:
    """nats-py closes the socket politely and waits until everything in it is sent."""
    connection = await open_connection(real.server.url, "stuck", 5, ping_interval_s=1)
    lost = asyncio.Event()
    connection.on_lost.append(lost.set)
    await real.server.pause()
    for _ in range(20):
        assert await connection.send("signal.w.typing", b"x" * 2_000_000)
    await within(lost.wait())
    real.server.resume()
    await eventually(lambda: connection.up)
    await real.server.pause()
    for _ in range(20):
        assert await connection.send("signal.w.typing", b"x" * 2_000_000)
    await within(connection.close(deadline_s=0.5), 5)
    real.server.resume()


async def test_close_while_reconnecting_is_quiet_and_quick(
    real: JetStreamRig, bus: JetStreamBus, caplog: pytest.LogCaptureFixture
) -> None:
    subscription = await bus.subscribe("inbox-core")
    tail = await bus.tail("CHANGES", "changes.>", 0)
    await bus.bucket("channels").watch(_ignore)
    for _ in range(10):
        await bus.publisher.publish("inbound.whatsapp", b"x")
    assert await take(subscription, 1)
    await real.outage()
    with caplog.at_level(logging.ERROR):
        await within(bus.close(), 10)
    assert not bus.connected
    assert not await subscription.next(1, 0)
    assert [message async for message in tail] == []
    assert not caplog.records
    await eventually(lambda: asyncio.all_tasks() == {asyncio.current_task()})


async def test_a_closed_bus_says_so(bus: JetStreamBus) -> None:
    await bus.close()
    await bus.close()
    with pytest.raises(Unavailable):
        await bus.publisher.publish("inbound.whatsapp", b"x")
    with pytest.raises(Unavailable):
        await bus.subscribe("inbox-core")


async def test_it_waits_for_a_server_that_starts_late(tmp_path: Path) -> None:
    server = NatsServer(tmp_path)
    connecting = asyncio.create_task(jetstream.connect(server.url, name="early"))
    await asyncio.sleep(0.3)
    assert not connecting.done()
    await server.start()
    bus = await within(connecting)
    assert bus.connected
    await bus.close()
    await server.stop()


async def test_it_does_not_wait_for_ever_for_the_first_connection() -> None:
    url = f"nats://user:secret@127.0.0.1:{free_port()}"
    with pytest.raises(Unavailable, match=r"no NATS server answered at 127\.0\.0\.1") as caught:
        await within(jetstream.connect(url, name="alone", connect_within_s=0.3))
    assert "secret" not in str(caught.value)


async def test_nothing_is_left_after_a_busy_life(real: JetStreamRig) -> None:
    """No task and no question outlives its bus."""
    before = asyncio.all_tasks()
    third = await jetstream.connect(real.server.url, name="third")
    subscription = await third.subscribe("inbox-core")
    tail = await third.tail("CHANGES", "changes.>", 0)
    await third.bucket("channels").watch(_ignore)
    await third.publisher.publish("inbound.whatsapp", b"x")
    assert await take(subscription, 1)
    await tail.close()
    await third.close()
    await eventually(lambda: asyncio.all_tasks() <= before)
    assert third.replies.open == 0


async def _published(bus: JetStreamBus) -> bool:
    try:
        await bus.publisher.publish("inbound.whatsapp", b"x", timeout_s=1)
    except Retryable:
        return False
    return True


async def _ignore(_: str, __: bytes | None) -> None:
    return
