"""Blocked contacts: what they write is kept and shown, wakes nobody, and nobody answers it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.events import Event
from inbox_core.app.blocking import set_blocked
from inbox_core.app.media import retry_media
from inbox_core.app.retry import retry
from inbox_core.app.views import ContactView
from inbox_core.domain.errors import ContactBlocked, NotFound, VersionMismatch
from support.capable import capable
from support.events import message, result, unsupported
from support.inbox import ANA, Inbox
from support.pages import rated, visitor, wrote
from support.stories import echo, picture, renamed, said, unsend


async def block(inbox: Inbox, *, blocked: bool = True, version: int | None = None) -> ContactView:
    """The first contact there is."""
    [row, *_] = await inbox.rows("contacts", "created_at")
    key = (inbox.workspace_id, row["id"])
    return await set_blocked(inbox.api, key, ANA, inbox.now, version, blocked=blocked)


async def only(inbox: Inbox) -> dict[str, Any]:
    [row] = await inbox.conversations()
    return row


async def test_blocking_is_told_and_recorded_once(inbox: Inbox) -> None:
    await inbox.receive(message("m.1", "49151"))
    await inbox.forget_outbox()
    for _ in range(2):
        view = await block(inbox)
        assert (view.blocked, view.version) == (True, 2)
    [change] = await inbox.changes()
    assert (change["type"], change["data"]["state"]["blocked"]) == ("contact.updated", True)
    view = await block(inbox, blocked=False)
    assert (view.blocked, view.version) == (False, 3)
    log = [(row["action"], row["entity_id"]) for row in await inbox.rows("audit_log", "at")]
    assert log == [("contact.blocked", str(view.id)), ("contact.unblocked", str(view.id))]


async def test_nobody_blocks_who_is_not_there_or_changed_meanwhile(inbox: Inbox) -> None:
    with pytest.raises(NotFound):
        await set_blocked(
            inbox.api, (inbox.workspace_id, UUID(int=1)), ANA, inbox.now, blocked=True
        )
    await inbox.receive(message("m.1", "49151"))
    with pytest.raises(VersionMismatch):
        await block(inbox, version=7)
    assert await inbox.rows("audit_log") == []


@pytest.mark.parametrize(
    "event",
    [
        said("m.2", "49151", picture()),
        unsupported("m.2", "49151"),
        said("m.2", "49151", history=True),
    ],
    ids=["message", "unsupported", "history"],
)
@pytest.mark.parametrize("status", [0, 2, 3])
async def test_what_the_blocked_write_is_kept_and_wakes_nobody(
    inbox: Inbox, event: Event, status: int
) -> None:
    inbox.book.note(capable())
    long_ago = inbox.now - timedelta(days=2)
    await inbox.receive(message("m.1", "49151", "before", time=long_ago))
    await inbox.admin.execute(
        "UPDATE conversations SET status = $1, closed_at = $2", status, long_ago if status else None
    )
    await block(inbox)
    await inbox.forget_outbox()
    [heard] = await inbox.rows("identities")
    await inbox.receive(event)
    row = await only(inbox)
    assert (row["status"], row["unread_count"], row["last_inbound_seq"]) == (status, 1, 1)
    assert (row["last_seq"], row["last_preview"]) == (2, "before")
    assert row["last_message_at"] == long_ago
    assert await inbox.rows("identities") == [heard]
    assert await inbox.commands() == []
    assert [line["blocked"] for line in await inbox.messages()] == [False, True]
    shown = [
        row["data"]["state"] for row in await inbox.changes() if row["type"] == "message.created"
    ]
    assert [state["blocked"] for state in shown] == [True]


async def test_a_file_of_the_blocked_comes_when_somebody_asks(inbox: Inbox) -> None:
    await inbox.receive(message("m.1", "49151"))
    await block(inbox)
    await inbox.receive(said("m.2", "49151", picture()))
    shown = (await inbox.messages())[1]
    key = (inbox.workspace_id, shown["conversation_id"])
    await retry_media(inbox.api, key, shown["id"], 0, ANA, inbox.now)
    [command] = await inbox.commands()
    assert command["data"]["attempt"] == 2


async def test_the_first_word_of_somebody_blocked_is_filed_as_closed(inbox: Inbox) -> None:
    """Known by a profile alone: their words can be found, and stand in no list of open ones."""
    alias = visitor("v1").aliases
    await inbox.receive(renamed("c.1", alias, name="Zoe"))
    await block(inbox)
    await inbox.receive(wrote("m.1"))
    row = await only(inbox)
    assert (row["status"], row["closed_by"], row["unread_count"]) == (2, "system:blocked", 0)
    assert row["last_preview"] == ""
    await block(inbox, blocked=False)
    await inbox.receive(wrote("m.2"))
    row = await only(inbox)
    assert (row["status"], row["unread_count"], row["last_seq"]) == (0, 1, 2)


async def test_nothing_the_blocked_say_of_themselves_is_shown(inbox: Inbox) -> None:
    await inbox.receive(wrote("m.1", visitor(name="Zoe")))
    await block(inbox)
    await inbox.receive(wrote("m.2", visitor("v1", "u1", name="Spam", email="a@shop.example")))
    [contact] = await inbox.rows("contacts")
    assert (contact["name"], contact["email"], contact["lead_status"]) == ("Zoe", None, None)
    aliases = await inbox.rows("identity_aliases")
    assert len({row["identity_id"] for row in aliases}) == 1, "a new name is no way around"
    row = await only(inbox)
    assert (await inbox.receive(rated(row["id"], 1, inbox.now))).outcomes == {
        "rating_of_blocked": 1
    }


async def test_a_row_never_falls_back_to_what_the_blocked_wrote(inbox: Inbox) -> None:
    await inbox.receive(message("m.1", "49151", "before"))
    await block(inbox)
    await inbox.receive(message("m.2", "49151", "spam"))
    row = await only(inbox)
    async with inbox.worker.begin() as uow:
        newest = await uow.newest_shown((inbox.workspace_id, row["id"]), [])
    assert newest is not None
    assert newest.seq == 1
    await inbox.receive(unsend("m.2", inbox.now))
    assert (await only(inbox))["last_preview"] == "before"


async def test_what_we_wrote_elsewhere_is_an_echo_as_ever(inbox: Inbox) -> None:
    await inbox.receive(message("m.1", "49151"))
    await block(inbox)
    await inbox.receive(echo("e.1", "49151", "please stop"))
    assert [row["blocked"] for row in await inbox.messages()] == [False, False]


async def test_nobody_answers_the_blocked(inbox: Inbox) -> None:
    await inbox.receive(message("m.1", "49151"))
    row = await only(inbox)
    answer = await inbox.reply(row["id"], "hello")
    await inbox.receive(result(answer.id, "failed"))
    await block(inbox)
    with pytest.raises(ContactBlocked):
        await inbox.reply(row["id"], "hello?")
    with pytest.raises(ContactBlocked):
        await retry(inbox.api, (inbox.workspace_id, row["id"]), answer.id, ANA, inbox.now)
    await block(inbox, blocked=False)
    await inbox.reply(row["id"], "welcome back")


async def test_a_channel_that_shows_threads_is_told_of_a_block(inbox: Inbox) -> None:
    inbox.book.note(capable(window=None, profiles=False, threads=True))
    await inbox.receive(wrote("m.1"))
    row = await only(inbox)
    for blocked in (True, False):
        await inbox.forget_outbox()
        await block(inbox, blocked=blocked)
        [command] = await inbox.commands()
        assert command["data"]["action"] == "refresh"
        assert command["data"]["conversation_id"] == str(row["id"])


async def test_what_is_understood_later_opens_no_window(inbox: Inbox) -> None:
    await inbox.receive(message("m.1", "49151"))
    await block(inbox)
    [heard] = await inbox.rows("identities")
    item = unsupported("m.2", "49151")
    await inbox.receive(item)
    anew = {"id": item.id, "normalizer": 2, "renormalized": True}
    received = await inbox.receive(said("m.2", "49151", picture()).model_copy(update=anew))
    assert received.outcomes == {"renormalized_message": 1}
    assert await inbox.rows("identities") == [heard]
    assert await inbox.commands() == []
    assert (await only(inbox))["unread_count"] == 1
