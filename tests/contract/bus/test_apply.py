"""`apply` makes the table, changes what may change, and names what may not."""

from dataclasses import replace

import pytest

from bus import apply
from bus.errors import Drift
from bus.jetstream import JetStreamBus, connect
from contracts.subjects import BUCKETS, CONSUMERS, STREAMS
from support.nats_server import NatsServer
from support.rigs import JetStreamRig


@pytest.fixture
def bus(real: JetStreamRig) -> JetStreamBus:
    assert isinstance(real.bus, JetStreamBus)
    return real.bus


async def test_an_empty_server_gets_everything_once(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    server = NatsServer(tmp_path_factory.mktemp("nats"))
    await server.start()
    bus = await connect(server.url, name="test")
    with pytest.raises(Drift, match="stream INBOUND is missing"):
        await bus.verify()
    done = await apply.apply(bus.api, apply.wanted(1))
    assert len(done) == len(STREAMS) + len(BUCKETS) + len(CONSUMERS)
    await bus.verify()
    assert await apply.apply(bus.api, apply.wanted(1)) == []
    await bus.close()
    await server.stop()


async def test_a_changed_row_is_found_and_put_right(bus: JetStreamBus) -> None:
    await apply.apply(bus.api, apply.wanted(1))
    streams = [replace(row, max_bytes=row.max_bytes * 2, max_age_s=7200) for row in STREAMS]
    consumers = [replace(row, ack_wait_s=77, max_ack_pending=99) for row in CONSUMERS]
    buckets = [replace(row, history=5) for row in BUCKETS]
    wishes = list(apply.wanted(1, streams, consumers, buckets))
    found = await apply.differences(bus.api, wishes)
    assert len(found) == 2 * len(STREAMS) + 2 * len(CONSUMERS) + len(BUCKETS)
    assert any("stream AI: max_bytes is" in sentence for sentence in found)
    done = await apply.apply(bus.api, wishes)
    assert len(done) == len(found)
    assert await apply.differences(bus.api, wishes) == []


async def test_messages_survive_a_change(bus: JetStreamBus) -> None:
    await bus.publisher.publish("inbound.whatsapp", b"kept")
    streams = [replace(row, max_bytes=row.max_bytes * 2) for row in STREAMS]
    await apply.apply(bus.api, apply.wanted(1, streams))
    [stored] = await bus.read("INBOUND", "inbound.>", 0, 10)
    assert stored.body == b"kept"


async def test_what_jetstream_refuses_is_named_and_the_rest_is_done(bus: JetStreamBus) -> None:
    streams = [
        replace(row, retention="workqueue", discard="new") if row.name == "CHANGES" else row
        for row in STREAMS
    ]
    streams = [replace(row, max_age_s=7200) if row.name == "DEAD" else row for row in streams]
    with pytest.raises(Drift, match=r"stream CHANGES: retention is 'limits', wanted 'workqueue'"):
        await apply.apply(bus.api, apply.wanted(1, streams))
    left = await apply.differences(bus.api, apply.wanted(1, streams))
    assert not any("DEAD" in sentence for sentence in left)


async def test_start_is_refused_on_drift(bus: JetStreamBus) -> None:
    await apply.apply(bus.api, apply.wanted(1))
    await bus.verify()
    await bus.api.call("CONSUMER.DELETE.OUTBOUND.whatsapp-send")
    with pytest.raises(Drift, match="consumer whatsapp-send of OUTBOUND is missing"):
        await bus.verify()
