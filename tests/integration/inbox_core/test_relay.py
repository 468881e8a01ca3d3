"""Outbox to bus, table to bucket, and the watch for a database that lost commits."""

from datetime import datetime
from uuid import uuid4

import pytest

from bus.dead import DeadLetters
from bus.errors import Retryable
from bus.letters import Letters, channel_appeared
from bus.memory import MemoryBus
from contracts import subjects
from contracts.batch import encode, pack, unpack
from contracts.records import ChannelRecord, channel_key
from inbox_core.adapters.postgres.store import is_transient
from inbox_core.adapters.relay.mirror import ChannelMirror
from inbox_core.adapters.relay.relay import Lane, Relay
from inbox_core.entrypoints.consumer.chores import FailoverWatch
from support.events import ACCOUNT, message
from support.inbox import Inbox


def relay(inbox: Inbox, bus: MemoryBus, lane: Lane) -> Relay:
    return Relay(inbox.worker, bus.publisher, DeadLetters(bus.publisher, "inbox-core"), lane)


async def test_what_was_committed_reaches_the_bus_once(inbox: Inbox) -> None:
    bus = MemoryBus()
    await inbox.receive(message("wamid.1"))
    [row] = await inbox.conversations()
    await inbox.reply(row["id"], "answer")
    assert await relay(inbox, bus, "changes").relay_once() == 2
    assert await relay(inbox, bus, "commands").relay_once() == 1
    assert await relay(inbox, bus, "commands").relay_once() == 0
    changes = await bus.read("CHANGES", subjects.changes(inbox.workspace_id), 0, 10)
    types = [event["type"] for stored in changes for event in unpack(stored.body)]
    assert types.count("message.created") == 2
    assert (await bus.stream("OUTBOUND")).messages == 1
    assert await inbox.rows("outbox") == []


async def test_nothing_leaves_the_outbox_while_the_bus_is_away(inbox: Inbox) -> None:
    bus = MemoryBus()
    await inbox.receive(message("wamid.1"))
    bus.down()
    with pytest.raises(Retryable):
        await relay(inbox, bus, "changes").relay_once()
    assert len(await inbox.rows("outbox")) == 1
    bus.up()
    assert await relay(inbox, bus, "changes").relay_once() == 1


async def test_a_crash_after_publishing_sends_no_command_twice(inbox: Inbox) -> None:
    bus = MemoryBus()
    await inbox.receive(message("wamid.1"))
    [row] = await inbox.conversations()
    await inbox.reply(row["id"], "answer")
    [left] = await inbox.admin.fetch("SELECT * FROM outbox WHERE lane = 'commands'")
    await bus.publisher.publish(left["subject"], left["body"], message_id=str(left["id"]))
    assert await relay(inbox, bus, "commands").relay_once() == 1
    assert (await bus.stream("OUTBOUND")).messages == 1


async def test_channels_are_mirrored_and_their_dead_letters_come_back(inbox: Inbox) -> None:
    bus = MemoryBus()
    early = encode(message("wamid.1", account="777"))
    dead = DeadLetters(bus.publisher, "inbox-core")
    await dead.put(
        "unknown_channel",
        early,
        detail="no channel has this account",
        subject=subjects.inbound("whatsapp"),
        channel="whatsapp",
        account="777",
    )
    letters = Letters(bus)

    async def appeared(channel: str, account: str) -> int:
        return await letters.retry_matching(channel_appeared(channel, account))

    mirror = ChannelMirror(inbox.worker, bus.bucket("channels"), appeared)
    assert await mirror.mirror() == 1
    assert (await bus.stream("DEAD")).messages == 1
    await inbox.add_channel(uuid4(), "777")
    assert await mirror.mirror() == 1
    assert await mirror.mirror() == 0
    assert (await bus.stream("DEAD")).messages == 0
    [again] = await bus.read("INBOUND", "inbound.>", 0, 10)
    assert again.body == pack([early])
    entry = await bus.bucket("channels").get(channel_key("whatsapp", ACCOUNT))
    assert entry is not None
    assert ChannelRecord.model_validate_json(entry.value).secret == "sealed"


async def test_another_server_identity_replays_the_last_hour(inbox: Inbox) -> None:
    bus = MemoryBus()
    replays: list[datetime] = []
    system, timeline = await inbox.worker.server_identity()
    answers = [(system, timeline), (system, timeline), (system, timeline + 1)]

    async def identity() -> tuple[str, int]:
        return answers.pop(0)

    async def replay(since: datetime, until: datetime) -> int:
        replays.append(since)
        assert since < until
        return 3

    watch = FailoverWatch(identity, bus.bucket("state"), replay, is_transient)
    assert [await watch.look() for _ in range(3)] == [False, False, True]
    assert len(replays) == 1
