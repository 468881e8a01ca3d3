"""People who change their number or their id: found by the names they had, never merged."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from contracts.events import Event
from contracts.parts import Alias, Contact
from support.events import message
from support.inbox import Inbox
from support.stories import renamed

OLD, NEW = Alias(kind="phone", value="49151"), Alias(kind="phone", value="49160")
ID, NEW_ID = Alias(kind="bsuid", value="DE.1"), Alias(kind="bsuid", value="DE.2")
PARENT = Alias(kind="parent_bsuid", value="DE.ENT.1")
NUMBER, USER_ID = "user_changed_number", "user_changed_user_id"


def wrote(name: str, *aliases: Alias) -> Event:
    return message(name, contact=Contact(aliases=aliases))


@dataclass
class Row:
    """`events` in turn; then how many contacts and conversations there are, and their lines."""

    events: list[Event]
    contacts: int
    lines: list[list[str]] = field(default_factory=list)
    phone: str | None = None
    first_address: str | None = None
    conflicts: int = 0


WORDS = "hello"
CHANGED = "Changed their phone number"
LONG, SHORT = (Alias(kind="phone", value=value) for value in ("5511987654321", "551187654321"))
KEY = Alias(kind="phone_key", value="551187654321")
ROWS: dict[str, Row] = {
    "both forms of a number are one person, answered under the one that wrote last": Row(
        [wrote("1", LONG, KEY), wrote("2", SHORT, KEY)],
        contacts=1,
        lines=[[WORDS, WORDS]],
        phone="5511987654321",
        first_address="551187654321",
    ),
    "a new number follows the old one": Row(
        [wrote("1", OLD), renamed("e1", (NEW,), (OLD,), NUMBER), wrote("2", NEW)],
        1, [[WORDS, CHANGED, WORDS]], phone="49160", first_address="49160",
    ),
    "the old number still finds the person": Row(
        [wrote("1", OLD), renamed("e1", (NEW,), (OLD,), NUMBER), wrote("2", OLD)],
        1, [[WORDS, CHANGED, WORDS]],
    ),
    "a new id follows the old one": Row(
        [wrote("1", ID), renamed("e1", (NEW_ID,), (ID,), USER_ID), wrote("2", NEW_ID)],
        1, [[WORDS, "Has a new id on this channel", WORDS]], first_address="DE.2",
    ),
    "id and number at once": Row(
        [wrote("1", ID, OLD), renamed("e1", (NEW_ID, NEW), (ID, OLD), NUMBER), wrote("2", NEW)],
        1, [[WORDS, CHANGED, WORDS]], phone="49160",
    ),
    "a number that is gone leaves the card": Row(
        [wrote("1", ID, OLD), renamed("e1", (NEW_ID,), (ID, OLD), NUMBER)],
        1, [[WORDS, CHANGED]], phone=None, first_address="DE.2",
    ),
    "a parent id that stays is a name among others": Row(
        [wrote("1", PARENT, ID), renamed("e1", (PARENT, NEW_ID), (PARENT, ID), USER_ID)],
        1, [[WORDS, "Has a new id on this channel"]], first_address="DE.ENT.1",
    ),
    "known by the new name only": Row(
        [wrote("1", NEW), renamed("e1", (NEW,), (OLD,), NUMBER), wrote("2", OLD)],
        1, [[WORDS, CHANGED, WORDS]],
    ),
    "known by neither": Row(
        [renamed("e1", (NEW,), (OLD,), NUMBER), wrote("2", NEW)], 1, [[WORDS]], phone="49160",
    ),
    "two people are told apart, the previous name decides": Row(
        [wrote("1", OLD), wrote("2", NEW), renamed("e1", (NEW,), (OLD,), NUMBER)],
        2, [[WORDS, CHANGED], [WORDS]], conflicts=1,
    ),
    "a conflict moves no name": Row(
        [wrote("1", OLD), wrote("2", NEW), renamed("e1", (NEW,), (OLD,), NUMBER), wrote("3", NEW)],
        2, [[WORDS, CHANGED], [WORDS, WORDS]], conflicts=1,
    ),
    "a repeat changes nothing": Row(
        [wrote("1", OLD), renamed("e1", (NEW,), (OLD,), NUMBER),
         renamed("e1", (NEW,), (OLD,), NUMBER)],
        1, [[WORDS, CHANGED]], phone="49160", first_address="49160",
    ),
    "a name from the address book is no line": Row(
        [wrote("1", OLD), renamed("e1", (OLD,), (), "address_book", name="Zoe")], 1, [[WORDS]],
        phone="49151",
    ),
    "a new number in one batch with its messages": Row(
        [wrote("1", OLD), renamed("e1", (NEW,), (OLD,), NUMBER), wrote("2", NEW)],
        1, [[WORDS, CHANGED, WORDS]], phone="49160",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
async def test_a_person_changes_their_names(inbox: Inbox, name: str) -> None:
    row = ROWS[name]
    batches = [row.events] if "one batch" in name else [[event] for event in row.events]
    conflicts = 0
    for events in batches:
        received = await inbox.receive(*events)
        conflicts += received.outcomes.get("identity_conflict", 0)
    contacts = await inbox.rows("contacts", "created_at, id")
    assert (len(contacts), conflicts) == (row.contacts, row.conflicts)
    assert await lines(inbox) == row.lines
    if row.phone is not None or "leaves the card" in name:
        assert contacts[0]["phone"] == row.phone
    if row.first_address is not None:
        assert await first_address(inbox, contacts[0]["id"]) == row.first_address


async def test_the_line_is_never_unread_and_reopens_nothing(inbox: Inbox) -> None:
    await inbox.receive(wrote("1", OLD))
    await inbox.receive(renamed("e1", (NEW,), (OLD,), NUMBER))
    [row] = await inbox.conversations()
    assert (row["unread_count"], row["last_preview"]) == (1, "hello")
    await inbox.admin.execute("UPDATE conversations SET status = 2, closed_at = now()")
    await inbox.receive(renamed("e2", (OLD,), (NEW,), NUMBER))
    assert await lines(inbox) == [[WORDS, CHANGED]]


async def lines(inbox: Inbox) -> list[list[str]]:
    """The words of each conversation, by number."""
    found: list[list[str]] = []
    for conversation in await inbox.conversations():
        rows = await inbox.admin.fetch(
            "SELECT parts -> 0 ->> 'text' AS words FROM messages WHERE conversation_id = $1"
            " ORDER BY seq",
            conversation["id"],
        )
        found.append([row["words"] for row in rows])
    return found


async def first_address(inbox: Inbox, contact: Any) -> str:
    async with inbox.worker.begin() as uow:
        identity = await inbox.admin.fetchval(
            "SELECT id FROM identities WHERE contact_id = $1", contact
        )
        addresses = await uow.addresses([(inbox.workspace_id, identity)])
    return addresses[identity][0][1]
