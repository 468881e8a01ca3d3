"""What a channel that shows our threads is sent: where a message stands, what has changed."""

from uuid import UUID, uuid4

import pytest

from contracts.events import SendResult, SendResultEvent, source
from inbox_core.app.actions import tell_typing
from inbox_core.app.drafts import TextDraft
from inbox_core.app.limits import Limit
from inbox_core.app.read import mark_read
from inbox_core.app.reply import Answer, reply
from inbox_core.app.transition import transition
from inbox_core.domain.actors import Actor
from inbox_core.domain.status import Status
from support.events import message
from support.inbox import ANA
from support.threads import SITE, TYPE, Threads
from widget_gateway.capabilities import CAPABILITIES

TOKEN = Actor("token", str(uuid4()), "Backup script", ANA.id)


class NoLimits:
    async def take(self, limit: Limit, key: str) -> float:  # noqa: ARG002 - the port's shape
        return 0.0


@pytest.fixture
async def thread(threads: Threads) -> UUID:
    await threads.say("u:ana", "v1", text="hi")
    found = await threads.thread("v1")
    await threads.inbox.forget_outbox()
    return found


async def test_a_send_says_where_it_stands(threads: Threads, thread: UUID) -> None:
    key = (threads.inbox.workspace_id, thread)
    threads.inbox.book.note(CAPABILITIES.model_copy(update={"text": CAPABILITIES.text.model_copy(
        update={"max": 12})}))  # fmt: skip
    words = (TextDraft(type="text", text="First words.\n\nSecond one."),)
    view, _ = await reply(
        threads.inbox.api, key, Answer(words, uuid4().hex), TOKEN, threads.inbox.now
    )
    result = SendResultEvent(
        id="result", source=source(TYPE, SITE), time=threads.inbox.now, channel=TYPE, account=SITE,
        data=SendResult(command_id=f"{view.id}.1.0", outcome="sent", external_id=f"{view.id}.1.0"),
    )  # fmt: skip
    await threads.inbox.receive(result)
    first, second = await threads.inbox.commands()
    assert [first["id"], second["id"]] == [f"{view.id}.1.0", f"{view.id}.1.1"]
    assert first["data"]["shown"] == second["data"]["shown"]
    shown = first["data"]["shown"]
    assert (shown["seq"], shown["by"], shown["author"], shown["parts"]) == (
        2, "user", "Ana from Demo", 2,
    )  # fmt: skip
    [told] = [m for m in (await threads.history("v1")).messages if m.seq == 2]
    assert shown["at"] == told.model_dump(mode="json")["at"]
    assert {(alias["kind"], alias["value"]) for alias in first["data"]["to"]} == {
        ("user", "ana"), ("visitor", "v1"),
    }  # fmt: skip


async def test_other_channels_are_not_told_where_it_stands(threads: Threads) -> None:
    await threads.inbox.receive(message("m1", "49151"))
    [row] = await threads.inbox.conversations()
    await threads.inbox.reply(row["id"], "hello")
    key = (threads.inbox.workspace_id, row["id"])
    await transition(threads.inbox.api, key, Status.CLOSED, None, ANA, threads.inbox.now)
    [command] = await threads.inbox.commands()
    assert "shown" not in command["data"]


async def test_a_thread_that_begins_is_a_change(threads: Threads) -> None:
    await threads.say("u:ana", "v1", text="hi")
    thread = await threads.thread("v1")
    [(what, about, command)] = await threads.acts()
    assert (what, about) == ("refresh", thread)
    assert {alias["value"] for alias in command["to"]} == {"ana", "v1"}
    await threads.say("v1", text="and")
    assert await threads.refreshed() == [thread]


async def test_every_status_is_a_change(threads: Threads, thread: UUID) -> None:
    key = (threads.inbox.workspace_id, thread)
    steps = (Status.PENDING, Status.CLOSED, Status.CLOSED, Status.ARCHIVED, Status.CLOSED,
             Status.OPEN, Status.CLOSED)  # fmt: skip
    for status in steps:
        await transition(threads.inbox.api, key, status, None, ANA, threads.inbox.now)
    assert await threads.refreshed() == [thread] * 6
    await threads.say("v1", text="again")
    assert await threads.refreshed() == [thread] * 7
    assert [head.open for head in (await threads.history("v1")).threads] == [True]


async def test_an_answer_reopens_and_says_so(threads: Threads, thread: UUID) -> None:
    key = (threads.inbox.workspace_id, thread)
    await transition(threads.inbox.api, key, Status.CLOSED, None, ANA, threads.inbox.now)
    await threads.inbox.forget_outbox()
    await threads.answer("v1", "one thing more")
    assert sorted(c["type"] for c in await threads.inbox.commands()) == [
        "sluice.action.v1", "sluice.send.v1",
    ]  # fmt: skip


async def test_what_was_read_is_a_change_and_no_receipt(threads: Threads, thread: UUID) -> None:
    key = (threads.inbox.workspace_id, thread)
    for told in (True, True):
        await mark_read(threads.inbox.api, key, 1, ANA, threads.inbox.now, told=told)
    assert [what for what, _, _ in await threads.acts()] == ["refresh"]
    await threads.say("v1", text="more")
    await mark_read(threads.inbox.api, key, 2, ANA, threads.inbox.now, told=False)
    assert len(await threads.refreshed()) == 1
    await threads.inbox.admin.execute(
        """UPDATE workspaces SET settings = '{"read_receipts": false}'"""
    )
    await threads.say("v1", text="and more")
    await mark_read(threads.inbox.api, key, 3, ANA, threads.inbox.now, told=True)
    assert len(await threads.refreshed()) == 1


@pytest.mark.parametrize("actor", [ANA, TOKEN], ids=["session", "token"])
async def test_who_types_is_told_by_name(threads: Threads, thread: UUID, actor: Actor) -> None:
    key = (threads.inbox.workspace_id, thread)
    for on in (True, False):
        await tell_typing(threads.inbox.api, NoLimits(), key, actor, threads.inbox.now, on=on)
    acts = await threads.acts()
    assert [(what, command["author"]) for what, _, command in acts] == [
        ("typing_on", "Ana from Demo"), ("typing_off", "Ana from Demo"),
    ]  # fmt: skip


async def test_who_is_blocked_sees_nobody_type(threads: Threads, thread: UUID) -> None:
    await threads.inbox.admin.execute("UPDATE contacts SET blocked_at = now()")
    key = (threads.inbox.workspace_id, thread)
    await tell_typing(threads.inbox.api, NoLimits(), key, ANA, threads.inbox.now, on=True)
    assert await threads.acts() == []


async def test_a_channel_that_is_off_is_told_nothing(threads: Threads, thread: UUID) -> None:
    await threads.inbox.admin.execute("UPDATE channels SET enabled = false")
    key = (threads.inbox.workspace_id, thread)
    await transition(threads.inbox.api, key, Status.CLOSED, None, ANA, threads.inbox.now)
    assert await threads.acts() == []
