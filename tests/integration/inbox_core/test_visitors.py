"""Visitors of pages: by which names they are known, what they say of themselves, their source."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from contracts.parts import Alias, Contact, Source
from inbox_core.app.health_book import HealthBook
from inbox_core.entrypoints.consumer.upkeep import Upkeep
from support.database import Database
from support.events import message
from support.inbox import Inbox
from support.pages import IP_ID, SEALED, SOURCE, visitor, wrote


class NoShelf:
    async def delete(self, key: str) -> None:
        raise AssertionError(key)


async def names(inbox: Inbox) -> dict[str, Any]:
    """Alias → identity."""
    return {row["value"]: row["identity_id"] for row in await inbox.rows("identity_aliases")}


async def test_an_unknown_user_who_is_an_unknown_visitor_is_one_new_person(inbox: Inbox) -> None:
    await inbox.receive(wrote("m.1", visitor("v1", "u1")))
    known = await names(inbox)
    assert known["u1"] == known["v1"] is not None
    assert len(await inbox.rows("contacts")) == 1


async def test_a_known_visitor_who_identifies_stays_the_same_person(inbox: Inbox) -> None:
    await inbox.receive(wrote("m.1", visitor("v1")))
    before = (await names(inbox))["v1"]
    received = await inbox.receive(wrote("m.2", visitor("v1", "u1")))
    assert await names(inbox) == {"v1": before, "u1": before}
    assert "identity_conflict" not in received.outcomes
    assert [row["last_seq"] for row in await inbox.conversations()] == [2]


async def test_a_known_user_on_another_device_is_the_same_person(inbox: Inbox) -> None:
    await inbox.receive(wrote("m.1", visitor("v1", "u1")))
    before = (await names(inbox))["u1"]
    await inbox.receive(wrote("m.2", visitor("v2", "u1")))
    assert await names(inbox) == dict.fromkeys(("u1", "v1", "v2"), before)
    assert len(await inbox.conversations()) == 1


async def test_a_known_visitor_who_is_another_known_user_is_not_merged(inbox: Inbox) -> None:
    await inbox.receive(wrote("m.1", visitor("v1")), wrote("m.2", visitor("v2", "u1")))
    before = await names(inbox)
    received = await inbox.receive(wrote("m.3", visitor("v1", "u1")))
    assert received.outcomes["identity_conflict"] == 1
    assert await names(inbox) == before
    assert before["v1"] != before["u1"]
    rows = {row["identity_id"]: row["last_seq"] for row in await inbox.conversations()}
    assert rows == {before["v1"]: 1, before["u1"]: 2}


async def test_what_a_form_says_fills_what_is_empty_and_makes_a_lead(inbox: Inbox) -> None:
    who = visitor(name="Zoe", email="Zoe@Shop.EXAMPLE", phone="+49 151 1234567")
    await inbox.receive(wrote("m.1", who))
    [contact] = await inbox.rows("contacts")
    assert (contact["name"], contact["email"]) == ("Zoe", "zoe@shop.example")
    assert (contact["phone"], contact["lead_status"]) == ("+491511234567", "new")
    [change] = [row for row in await inbox.changes() if row["type"] == "conversation.row_changed"]
    assert change["data"]["state"]["contact"]["lead_status"] == "new"


async def test_a_form_filled_later_completes_a_person_and_tells_screens(inbox: Inbox) -> None:
    await inbox.receive(wrote("m.1"))
    await inbox.forget_outbox()
    await inbox.receive(wrote("m.2", visitor(email="a@shop.example")))
    changes = {row["type"]: row["data"]["state"] for row in await inbox.changes()}
    assert changes["contact.updated"]["email"] == "a@shop.example"
    assert changes["contact.updated"]["lead_status"] == "new"


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ({"email": "b@shop.example", "phone": "+4915199"}, ("a@shop.example", "49151", "won")),
        ({"email": "no address"}, ("a@shop.example", "49151", "won")),
    ],
)
async def test_a_form_replaces_nothing(
    inbox: Inbox, told: dict[str, str], kept: tuple[str, str, str]
) -> None:
    phone = Alias(kind="phone", value="49151")
    await inbox.receive(message("m.1", contact=Contact(aliases=(phone,))))
    await inbox.admin.execute("UPDATE contacts SET email = 'a@shop.example', lead_status = 'won'")
    await inbox.receive(message("m.2", contact=Contact(aliases=(phone,), **told)))
    [contact] = await inbox.rows("contacts")
    assert (contact["email"], contact["phone"], contact["lead_status"]) == kept


async def test_what_the_site_vouches_for_replaces_what_somebody_said(inbox: Inbox) -> None:
    """Nobody is shown under an address they typed once their site has told the true one."""
    await inbox.receive(wrote("m.1", visitor(email="boss@shop.example")))
    await inbox.receive(wrote("m.2", visitor(email="ada@shop.example", email_proven=True)))
    await inbox.receive(wrote("m.3", visitor(email="boss@shop.example")))
    [contact] = await inbox.rows("contacts")
    assert contact["email"] == "ada@shop.example"


async def test_screens_see_who_is_vouched_for_and_who_typed_a_name(inbox: Inbox) -> None:
    """Somebody who types the name of another is never taken for them."""
    said = {"name": "Ceo", "email": "ceo@bank.example"}
    proven = {"external_id": "u1", "name_proven": True, "email_proven": True}
    marks = ("external_id", "name", "name_proven", "email", "email_proven")
    await inbox.receive(wrote("m.1", visitor("v1", **said)))
    await inbox.receive(wrote("m.2", visitor("v1", "u1", external_id="u1", name="Mallory")))
    await inbox.receive(wrote("m.3", visitor("v2", "u2", **{**proven, **said})))
    await inbox.receive(wrote("m.4", visitor("v2", "u2", name="Mallory")))
    shown: dict[str, list[Any]] = {}
    for change in await inbox.changes():
        if change["type"] == "conversation.row_changed":
            state = change["data"]["state"]
            shown[state["id"]] = [state["contact"][mark] for mark in marks]
    typed, vouched = (shown[str(row["id"])] for row in await inbox.conversations())
    assert typed == ["u1", "Ceo", False, "ceo@bank.example", False]
    assert vouched == ["u1", "Ceo", True, "ceo@bank.example", True]


async def test_what_is_no_address_makes_no_lead(inbox: Inbox) -> None:
    await inbox.receive(wrote("m.1", visitor(email="no address", phone="call me")))
    [contact] = await inbox.rows("contacts")
    assert (contact["email"], contact["phone"], contact["lead_status"]) == (None, None, None)


async def test_the_first_message_of_a_conversation_tells_its_source(inbox: Inbox) -> None:
    event = wrote("m.1", source=SOURCE)
    await inbox.receive(event)
    await inbox.receive(event)
    [row] = await inbox.conversations()
    [source] = await inbox.rows("conversation_sources")
    assert source["conversation_id"] == row["id"]
    assert source["page_url"] == "https://shop.example/shoes?size=42"
    assert str(source["ip"]) == "203.0.113.0/24"
    [sealed] = await inbox.rows("visitor_ips")
    assert (sealed["id"], sealed["conversation_id"]) == (IP_ID, row["id"])
    assert sealed["sealed"] == SEALED


async def test_a_conversation_keeps_its_first_source(inbox: Inbox) -> None:
    """What goes on with it, or reopens it, tells no other; what begins a new one does."""
    other = SOURCE.model_copy(update={"page_url": "https://shop.example/b", "ip_id": None})
    await inbox.receive(wrote("m.1", source=SOURCE), wrote("m.2", source=other))
    for ago, sources in ((timedelta(hours=1), 1), (timedelta(days=8), 2)):
        await inbox.admin.execute(
            "UPDATE conversations SET status = 2, closed_at = $1, closed_by = 'user:x'",
            inbox.now - ago,
        )
        await inbox.receive(wrote(f"m.{ago}", source=other))
        assert len(await inbox.rows("conversation_sources")) == sources
    first, second = await inbox.conversations()
    pages = {
        row["conversation_id"]: row["page_url"] for row in await inbox.rows("conversation_sources")
    }
    assert pages == {first["id"]: SOURCE.page_url, second["id"]: "https://shop.example/b"}


async def test_a_conversation_that_began_without_a_source_has_none(inbox: Inbox) -> None:
    await inbox.receive(wrote("m.1"), wrote("m.2", source=SOURCE))
    assert await inbox.rows("conversation_sources") == []
    assert await inbox.rows("visitor_ips") == []


async def test_what_tells_too_much_is_left_out(inbox: Inbox) -> None:
    told = Source(
        page_url="javascript:alert(1)",
        referrer="https://ana:secret@shop.example/",
        page_title="NUL \x00",
        ip="203.0.113.7",
        ip_id=IP_ID,
        ip_sealed="203.0.113.7",
    )
    await inbox.receive(wrote("m.1", source=told))
    [source] = await inbox.rows("conversation_sources")
    assert (source["page_url"], source["referrer"], source["ip"]) == (None, None, None)
    assert source["page_title"] == "NUL \ufffd"
    assert await inbox.rows("visitor_ips") == []


async def test_addresses_are_forgotten_when_they_are_old(inbox: Inbox) -> None:
    start = inbox.now
    await inbox.receive(wrote("m.1", source=SOURCE))
    upkeep = Upkeep(inbox.worker, NoShelf(), HealthBook(), timedelta(days=30))
    for days, left in ((29, 1), (31, 0)):
        await upkeep.forget_addresses(start + timedelta(days=days))
        assert len(await inbox.rows("visitor_ips")) == left
    assert len(await inbox.rows("conversation_sources")) == 1


@pytest.mark.parametrize("statement", ["SELECT * FROM", "DELETE FROM"])
async def test_no_api_reaches_the_sealed_addresses(
    inbox: Inbox, database: Database, statement: str
) -> None:
    await inbox.receive(wrote("m.1", source=SOURCE))
    connection = await asyncpg.connect(database.api_url)
    try:
        await connection.execute(
            "SELECT set_config('app.workspace_id', $1, false)", str(inbox.workspace_id)
        )
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(f"{statement} visitor_ips")
    finally:
        await connection.close()


async def test_nobody_changes_a_source(inbox: Inbox, database: Database) -> None:
    await inbox.receive(wrote("m.1", source=SOURCE))
    for url in (database.api_url, database.worker_url):
        connection = await asyncpg.connect(url)
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute("UPDATE conversation_sources SET page_url = 'x'")
        finally:
            await connection.close()
