"""What is no plain message: notices, history, standby, calls, echoes, who holds the thread."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from contracts.events import Unsupported, UnsupportedEvent
from contracts.parts import Part
from support.events import envelope, message, person
from support.inbox import Inbox
from support.stories import control, echo, said

WELCOME = Part(kind="notice", text="Opened the chat", data={"name": "welcome"})
CALL = Part(kind="call", data={"direction": "inbound", "state": "missed"})
AD = {"source_type": "ad", "source_id": "1"}


async def identity(inbox: Inbox) -> dict[str, Any]:
    [row] = await inbox.rows("identities")
    return row


async def close(inbox: Inbox, ago: timedelta) -> None:
    await inbox.admin.execute(
        "UPDATE conversations SET status = 2, closed_at = $1, closed_by = 'user:x'",
        inbox.now - ago,
    )


async def test_a_notice_begins_a_conversation_and_is_never_unread(inbox: Inbox) -> None:
    await inbox.receive(said("in.1", "49151", WELCOME, notice=True))
    [row] = await inbox.conversations()
    assert (row["status"], row["unread_count"], row["last_preview"]) == (0, 0, "")
    [line] = await inbox.messages()
    assert (line["kind"], line["quiet"]) == ("event", True)
    assert (await identity(inbox))["last_inbound_at"] is None


@pytest.mark.parametrize("ago", [timedelta(hours=1), timedelta(days=30)])
async def test_a_notice_reopens_nothing(inbox: Inbox, ago: timedelta) -> None:
    await inbox.receive(message("in.1", "49151"))
    await close(inbox, ago)
    await inbox.receive(said("in.2", "49151", WELCOME, notice=True))
    [row] = await inbox.conversations()
    assert (row["status"], row["last_seq"], row["last_preview"]) == (2, 2, "hello")


async def test_history_wakes_nobody(inbox: Inbox) -> None:
    long_ago = inbox.now - timedelta(days=100)
    days = [long_ago + timedelta(days=day) for day in (3, 1, 2)]
    old = [said(f"old.{day}", "49151", history=True, time=day) for day in days]
    for event in old:
        await inbox.receive(event)
    [row] = await inbox.conversations()
    assert (row["status"], row["unread_count"], row["last_seq"]) == (2, 0, 3)
    assert row["closed_at"] == old[0].time.replace(microsecond=row["closed_at"].microsecond)
    assert (await identity(inbox))["last_inbound_at"] is None
    await inbox.receive(message("in.1", "49151"))
    assert [row["status"] for row in await inbox.conversations()] == [2, 0]


@pytest.mark.parametrize("recent_first", [True, False])
async def test_history_that_still_waits_for_an_answer_is_open(
    inbox: Inbox, *, recent_first: bool
) -> None:
    events = [
        said("old.1", "49151", history=True, time=inbox.now - timedelta(hours=2)),
        said("old.2", "49151", history=True, time=inbox.now - timedelta(days=50)),
    ]
    for event in events if recent_first else reversed(events):
        await inbox.receive(event)
    [row] = await inbox.conversations()
    assert (row["status"], row["unread_count"], row["closed_at"]) == (0, 0, None)


async def test_history_goes_into_the_conversation_there_is(inbox: Inbox) -> None:
    await inbox.receive(message("in.1", "49151"))
    await close(inbox, timedelta(days=30))
    await inbox.receive(said("old.1", "49151", history=True, time=inbox.now - timedelta(days=60)))
    [row] = await inbox.conversations()
    assert (row["status"], row["last_seq"], row["unread_count"]) == (2, 2, 1)
    assert row["last_preview"] == "hello"


async def test_reading_counts_no_history_and_no_notice(inbox: Inbox) -> None:
    await inbox.receive(
        message("in.1", "49151"),
        said("old.1", "49151", history=True),
        said("in.2", "49151", WELCOME, notice=True),
    )
    [row] = await inbox.conversations()
    async with inbox.worker.begin() as uow:
        key = (inbox.workspace_id, row["id"])
        assert await uow.unread_after(key, 0) == 1
    assert (row["unread_count"], row["last_inbound_seq"]) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "parts", "heard", "by_ad"),
    [
        ({}, (), True, False),
        ({"referral": AD}, (), True, True),
        ({"referral": {"source": "ADS"}}, (), True, True),
        ({"referral": {"source": "SHORTLINK"}}, (), True, False),
        ({"notice": True}, (CALL,), True, False),
        ({"notice": True, "referral": AD}, (WELCOME,), False, False),
        ({"history": True}, (), False, False),
        ({"direction": "outbound"}, (), False, False),
        ({"standby": True}, (), True, False),
    ],
)
async def test_the_reply_window_opens_when_the_person_did_something(
    inbox: Inbox, fields: dict[str, Any], parts: tuple[Part, ...], *, heard: bool, by_ad: bool
) -> None:
    await inbox.receive(said("in.1", "49151", *parts, **fields))
    row = await identity(inbox)
    assert (row["last_inbound_at"] is not None, row["ad_inbound_at"] is not None) == (heard, by_ad)


async def test_the_latest_message_opens_the_window_whatever_comes_last(inbox: Inbox) -> None:
    times = [inbox.now - timedelta(minutes=minutes) for minutes in (1, 9, 5)]
    for number, time in enumerate(times):
        await inbox.receive(said(f"in.{number}", "49151", time=time, referral=AD))
    row = await identity(inbox)
    newest: datetime = max(times)
    assert row["last_inbound_at"] == newest
    assert row["ad_inbound_at"] == newest


async def test_an_echo_names_where_it_was_written(inbox: Inbox) -> None:
    await inbox.receive(echo("out.1", "49151", via="app"))
    [row] = await inbox.messages()
    assert (row["author_type"], row["author_id"]) == ("user", "app")


async def test_an_unsupported_echo_is_ours(inbox: Inbox) -> None:
    event = UnsupportedEvent(
        **envelope("whatsapp:poll:1"),
        data=Unsupported(kind="poll", raw="{}", direction="outbound", contact=person("49151")),
    )
    await inbox.receive(event)
    [row] = await inbox.messages()
    assert (row["direction"], row["author_type"]) == ("outbound", "user")
    assert row["kind"] == "unsupported"
    assert (await inbox.conversations())[0]["unread_count"] == 0


async def test_the_thread_has_the_owner_of_the_latest_news(inbox: Inbox) -> None:
    await inbox.receive(message("in.1", "49151"))
    at = inbox.now
    await inbox.forget_outbox()
    await inbox.receive(control("49151", "passed", "263902037430900", at))
    [change] = await inbox.changes()
    assert change["data"]["state"]["thread_owner"] == "263902037430900"
    await inbox.receive(control("49151", "passed", "older", at - timedelta(minutes=1)))
    await inbox.receive(control("49151", "requested", "asks", at + timedelta(minutes=1)))
    assert (await inbox.conversations())[0]["thread_owner"] == "263902037430900"
    await inbox.receive(control("49151", "taken", None, at + timedelta(minutes=2)))
    assert (await inbox.conversations())[0]["thread_owner"] is None
    assert len(await inbox.rows("channel_events")) == 4


async def test_a_thread_given_to_our_own_app_belongs_to_nobody_else(inbox: Inbox) -> None:
    await inbox.admin.execute('UPDATE channels SET config = \'{"app_id": "1517"}\'')
    await inbox.receive(message("in.1", "49151"))
    await inbox.receive(control("49151", "passed", "2639", inbox.now))
    await inbox.receive(control("49151", "passed", "1517", inbox.now + timedelta(minutes=1)))
    assert (await inbox.conversations())[0]["thread_owner"] is None


async def test_news_of_a_strangers_thread_is_kept_and_makes_nobody(inbox: Inbox) -> None:
    await inbox.receive(control("49151", "passed", "263902037430900", inbox.now))
    assert len(await inbox.rows("channel_events")) == 1
    assert await inbox.rows("identity_aliases") == []
