"""Ratings: a customer's last word on a conversation of theirs, and of nobody else's."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID, uuid4

import pytest

from contracts.events import RatingEvent
from support.capable import capable
from support.inbox import Inbox
from support.pages import rated, visitor, wrote


async def began(inbox: Inbox, name: str = "v1") -> UUID:
    await inbox.receive(wrote(f"m.{name}", visitor(name)))
    return UUID(str((await inbox.conversations())[-1]["id"]))


async def test_a_rating_is_kept_and_shown(inbox: Inbox) -> None:
    thread = await began(inbox)
    await inbox.forget_outbox()
    event = rated(thread, 4, inbox.now, "kind \x00 people")
    assert (await inbox.receive(event)).outcomes == {"rating": 1}
    assert (await inbox.receive(event)).outcomes == {"rating_repeated": 1}
    [change] = await inbox.changes()
    assert change["type"] == "conversation.row_changed"
    csat = change["data"]["state"]["csat"]
    assert (csat["score"], csat["by"]) == (4, "customer")
    [row] = await inbox.conversations()
    assert (row["csat_customer"], row["csat_customer_comment"]) == (4, "kind \ufffd people")


async def test_the_last_word_stands_whatever_order_they_come_in(inbox: Inbox) -> None:
    at = inbox.now
    ends = set()
    for number, order in enumerate(permutations(range(4))):
        who = visitor(f"v{number}")
        thread = await began(inbox, f"v{number}")
        later = at + timedelta(seconds=1)
        words: list[RatingEvent] = [
            rated(thread, 5, at, who=who),
            rated(thread, 2, later, who=who),
            rated(thread, 3, later, "a", who=who),
            rated(thread, 3, later, "b", who=who),
        ]
        for word in order:
            await inbox.receive(words[word])
        row = (await inbox.conversations())[-1]
        ends.add((row["csat_customer"], row["csat_customer_comment"], row["csat_customer_at"]))
    assert [(score, comment) for score, comment, _ in ends] == [(3, "b")]


@pytest.mark.parametrize("who", ["another", "nobody"])
async def test_nobody_rates_a_conversation_of_another(inbox: Inbox, who: str) -> None:
    thread = await began(inbox)
    if who == "another":
        await began(inbox, "another")
    received = await inbox.receive(rated(thread, 1, inbox.now, who=visitor(who)))
    assert received.outcomes == {"rating_of_stranger": 1}
    assert {row["csat_customer"] for row in await inbox.conversations()} == {None}
    assert "nobody" not in {row["value"] for row in await inbox.rows("identity_aliases")}


async def test_a_conversation_that_is_not_there_is_nobodys(inbox: Inbox) -> None:
    await began(inbox)
    received = await inbox.receive(rated(uuid4(), 5, inbox.now))
    assert received.outcomes == {"rating_of_stranger": 1}


async def test_one_who_identified_rates_what_they_began_before(inbox: Inbox) -> None:
    thread = await began(inbox)
    await inbox.receive(wrote("m.2", visitor("v1", "u1")))
    received = await inbox.receive(rated(thread, 5, inbox.now, who=visitor("v2", "u1")))
    assert received.outcomes == {"rating": 1}


async def test_one_known_from_elsewhere_rates_what_they_wrote_as_a_stranger(inbox: Inbox) -> None:
    """A laptop knows them; on a phone they wrote before they logged in."""
    await inbox.receive(wrote("m.1", visitor("laptop", "u1")))
    thread = await began(inbox, "phone")
    received = await inbox.receive(rated(thread, 5, inbox.now, who=visitor("phone", "u1")))
    assert received.outcomes == {"rating": 1}


@pytest.mark.parametrize("blocked", ["laptop", "phone"])
async def test_who_is_blocked_by_the_strongest_name_or_there_rates_nothing(
    inbox: Inbox, blocked: str
) -> None:
    await inbox.receive(wrote("m.1", visitor("laptop", "u1")))
    thread = await began(inbox, "phone")
    await inbox.admin.execute(
        "UPDATE contacts SET blocked_at = now() WHERE id = (SELECT i.contact_id FROM identities i"
        " JOIN identity_aliases a ON a.identity_id = i.id WHERE a.value = $1)",
        blocked,
    )
    received = await inbox.receive(rated(thread, 5, inbox.now, who=visitor("phone", "u1")))
    assert received.outcomes == {"rating_of_blocked": 1}


async def test_a_channel_that_shows_threads_is_told(inbox: Inbox) -> None:
    inbox.book.note(capable(window=None, profiles=False, threads=True))
    thread = await began(inbox)
    await inbox.forget_outbox()
    await inbox.receive(rated(thread, 5, inbox.now))
    [command] = await inbox.commands()
    assert command["data"]["action"] == "refresh"
