"""The health of channels: what accounts tell, what is counted, and who has fallen silent."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.events import Account, AccountEvent, AccountHealth, Unsupported, UnsupportedEvent
from inbox_core.app.health import ChannelHealth
from inbox_core.app.health_book import KEPT_FOR, HealthBook, listen_for_silence, trim
from support.events import ACCOUNT, envelope, message, result
from support.inbox import Inbox

PARENT = "waba:1"


def news(event_id: str, account: str = ACCOUNT, **health: Any) -> AccountEvent:
    told = AccountHealth(**health) if health else None
    return AccountEvent(
        **envelope(event_id, account=account), data=Account(kind="quality", health=told)
    )


async def under_one_parent(inbox: Inbox) -> UUID:
    """A second channel under the same account."""
    other = uuid4()
    await inbox.add_channel(other, "555")
    await inbox.admin.execute("UPDATE channels SET parent = $1", PARENT)
    return other


async def test_news_of_an_account_are_kept_and_merged(inbox: Inbox) -> None:
    await inbox.receive(news("n.1", quality="GREEN", limit="TIER_1K"))
    await inbox.receive(news("n.2", quality="RED", problem="Too many complaints"))
    [row] = await inbox.rows("channel_health")
    assert (row["quality"], row["messaging_limit"]) == ("RED", "TIER_1K")
    [_, change] = await inbox.changes()
    assert change["type"] == "channel.updated"
    assert change["data"]["version"] == 3
    assert change["data"]["state"]["health"]["problem"]["message"] == "Too many complaints"
    await inbox.receive(news("n.3", state="active"))
    [row] = await inbox.rows("channel_health")
    assert (row["problem"], row["quality"]) == (None, "RED")


async def test_news_that_say_nothing_new_are_told_nobody(inbox: Inbox) -> None:
    await inbox.receive(news("n.1", quality="GREEN"), news("n.2", quality="GREEN"), news("n.3"))
    assert len(await inbox.changes()) == 1
    assert len(await inbox.rows("channel_events")) == 3


async def test_news_of_the_account_above_concern_every_channel(inbox: Inbox) -> None:
    await under_one_parent(inbox)
    event = news("n.1", PARENT, state="restricted")
    received = await inbox.receive(event)
    assert (received.outcomes, received.unknown_channel) == ({"channel_event": 2}, [])
    await inbox.receive(event)
    kept = await inbox.rows("channel_events")
    assert sorted(row["event_id"] for row in kept) == sorted(
        f"n.1@{row['id']}" for row in await inbox.rows("channels")
    )
    assert [row["state"] for row in await inbox.rows("channel_health")] == ["restricted"] * 2


async def test_an_unknown_item_of_the_account_above_is_kept_once(inbox: Inbox) -> None:
    await under_one_parent(inbox)
    item = UnsupportedEvent(
        **envelope("u.1", account=PARENT), data=Unsupported(kind="field.new", raw="{}")
    )
    await inbox.receive(item)
    assert len(await inbox.rows("unsupported_items")) == 1


async def test_a_message_to_the_account_above_belongs_to_nobody(inbox: Inbox) -> None:
    await under_one_parent(inbox)
    received = await inbox.receive(message("in.1", account=PARENT), message("in.2", account="999"))
    assert received.unknown_channel == [0, 1]


async def test_the_book_counts_events_and_failures(inbox: Inbox) -> None:
    book = HealthBook()
    now = datetime(2026, 11, 20, 12, 34, tzinfo=UTC)

    async def take(*events: Any) -> None:
        received = await inbox.receive(*events)
        book.note(received.seen, received.failures, now)

    await take(message("in.1", "49151"), message("in.2", "49151"))
    [row] = await inbox.conversations()
    sent = await inbox.reply(row["id"], "answer")
    await take(result(sent.id, "failed"), result(sent.id, "failed"))
    await book.write(inbox.worker, now)
    await book.write(inbox.worker, now)
    await take(message("in.3", "49151"))
    await book.write(inbox.worker, now)
    [hour] = await inbox.rows("channel_hours")
    assert (hour["hour"], hour["events"]) == (now.replace(minute=0), 5)
    [failure] = await inbox.rows("channel_errors")
    assert (failure["kind"], failure["failures"]) == ("window", 1)
    assert (await inbox.rows("channel_health"))[0]["last_event_at"] == now
    await trim(inbox.worker, now + KEPT_FOR + timedelta(hours=1))
    assert await inbox.rows("channel_hours") + await inbox.rows("channel_errors") == []


async def test_the_book_keeps_what_it_could_not_write(inbox: Inbox) -> None:
    book = HealthBook()
    now = datetime(2026, 11, 20, 12, 34, tzinfo=UTC)
    book.note({(inbox.workspace_id, inbox.channel_id): 2}, {}, now)
    await inbox.admin.execute("ALTER TABLE channel_hours RENAME TO away")
    with pytest.raises(Exception, match="channel_hours"):
        await book.write(inbox.worker, now)
    await inbox.admin.execute("ALTER TABLE away RENAME TO channel_hours")
    book.note({(inbox.workspace_id, inbox.channel_id): 1}, {}, now)
    await book.write(inbox.worker, now)
    assert [row["events"] for row in await inbox.rows("channel_hours")] == [3]


async def test_a_busy_channel_falls_silent_and_is_heard_again(inbox: Inbox) -> None:
    book = HealthBook()
    key = (inbox.workspace_id, inbox.channel_id)
    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)
    for hour in range(6):
        at = noon - timedelta(hours=hour, minutes=1)
        book.note({key: 60}, {}, at)
        await book.write(inbox.worker, at)
    assert await listen_for_silence(inbox.worker, noon + timedelta(minutes=10)) == 0
    assert await inbox.changes() == []
    later = noon + timedelta(minutes=30)
    assert await listen_for_silence(inbox.worker, later) == 1
    assert await listen_for_silence(inbox.worker, later) == 1
    [change] = await inbox.changes()
    assert change["data"]["state"]["health"]["silent_since"] is not None
    book.note({key: 1}, {}, later)
    await book.write(inbox.worker, later)
    assert await listen_for_silence(inbox.worker, later) == 0
    [_, change] = await inbox.changes()
    assert change["data"]["state"]["health"]["silent_since"] is None


async def waiting_for_a_lock(inbox: Inbox) -> None:
    async with asyncio.timeout(20):
        while not await inbox.admin.fetchval(  # noqa: ASYNC110 - another connection's wait
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("who", ["the book", "the alarm"])
async def test_a_channel_is_locked_before_its_health_by_everybody(inbox: Inbox, who: str) -> None:
    """Two who take them the other way round would stop each other; Postgres then ends one."""
    key = (inbox.workspace_id, inbox.channel_id)
    noon = inbox.now.replace(minute=0, second=0, microsecond=0)
    book = HealthBook()
    for hour in range(1, 6):
        at = noon - timedelta(hours=hour)
        book.note({key: 60}, {}, at)
        await book.write(inbox.worker, at)
    if who == "the book":
        assert await listen_for_silence(inbox.worker, noon) == 1
        book.note({key: 1}, {}, noon)
    async with inbox.worker.begin() as uow:
        assert await uow.lock_channel(key)
        writes = book.write if who == "the book" else listen_for_silence
        other = asyncio.create_task(writes(inbox.worker, noon))
        await waiting_for_a_lock(inbox)
        await uow.write_health(key[0], ChannelHealth(key[1], quality="RED"))
    await other
    [row] = await inbox.rows("channel_health")
    assert (row["quality"], row["silent_since"] is None) == ("RED", who == "the book")
