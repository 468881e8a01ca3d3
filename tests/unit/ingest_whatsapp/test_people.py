"""Who wrote and who was written to, from whatever ids a payload has."""

from typing import Any

import pytest

from adapter.fields import Malformed
from ingest_whatsapp.normalize import people

BSUID, PARENT, PHONE = "US.13491208655302741918", "US.ENT.506847293015824", "16505551234"


def pairs(aliases: Any) -> list[tuple[str, str]]:
    return [(alias["kind"], alias["value"]) for alias in aliases]


@pytest.mark.parametrize(
    ("message", "aliases"),
    [
        ({"from": PHONE}, [("phone", PHONE)]),
        ({"from": "+" + PHONE}, [("phone", PHONE)]),
        ({"from": int(PHONE)}, [("phone", PHONE)]),
        ({"from": BSUID}, [("bsuid", BSUID)]),
        ({"from": PARENT}, [("parent_bsuid", PARENT)]),
        ({"from": "an id of no known form"}, [("wa_id", "an id of no known form")]),
        ({"from_user_id": BSUID}, [("bsuid", BSUID)]),
        ({"from": BSUID, "from_user_id": BSUID}, [("bsuid", BSUID)]),
        ({"from_parent_user_id": PARENT, "from": PHONE, "from_user_id": BSUID},
         [("bsuid", BSUID), ("phone", PHONE), ("parent_bsuid", PARENT)]),
    ],
)  # fmt: skip
def test_every_id_of_a_writer_is_an_alias_strongest_first(
    message: dict[str, Any], aliases: list[tuple[str, str]]
) -> None:
    contact = people.person(message, people.WRITER)
    assert pairs(contact["aliases"]) == aliases


@pytest.mark.parametrize(
    "message", [{}, {"from": ""}, {"from": None}, {"from": True}, {"from": "x" * 300}, {"from": []}]
)
def test_nobody_is_nobody(message: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        people.person(message, people.WRITER, [{"wa_id": PHONE}])


@pytest.mark.parametrize(
    ("contacts", "name", "username"),
    [
        (None, None, None),
        ("contacts", None, None),
        ([None, "x", {}], None, None),
        ([{"profile": {"name": "Nobody's"}}], None, None),
        ([{"wa_id": "1", "profile": {"name": "Another"}}], None, None),
        ([{"wa_id": "1", "profile": {"name": "Another"}},
          {"wa_id": PHONE, "profile": {"name": " Sheena ", "username": "@s"}}], "Sheena", "@s"),
        ([{"wa_id": int(PHONE), "profile": {"name": "Sheena"}}], "Sheena", None),
        ([{"wa_id": PHONE}], None, None),
        ([{"wa_id": PHONE, "profile": None}], None, None),
        ([{"wa_id": PHONE, "profile": {"name": 7, "username": ""}}], None, None),
        ([{"wa_id": PHONE, "profile": {"name": "x" * 999}}], "x" * people.MAX_NAME, None),
    ],
)  # fmt: skip
def test_names_come_from_the_entry_with_the_same_id(
    contacts: Any, name: str | None, username: str | None
) -> None:
    contact = people.person({"from": PHONE}, people.WRITER, contacts)
    assert (contact.get("name"), contact.get("username")) == (name, username)


def test_the_entry_adds_the_ids_the_message_leaves_out() -> None:
    entry = {"wa_id": PHONE, "user_id": BSUID, "parent_user_id": PARENT}
    contact = people.person({"from_user_id": BSUID}, people.WRITER, [entry])
    assert pairs(contact["aliases"]) == [
        ("bsuid", BSUID),
        ("phone", PHONE),
        ("parent_bsuid", PARENT),
    ]


@pytest.mark.parametrize(
    ("status", "aliases", "participant"),
    [
        ({}, [], None),
        ({"recipient_id": PHONE}, [("phone", PHONE)], None),
        ({"recipient_user_id": BSUID}, [("bsuid", BSUID)], None),
        ({"recipient_parent_user_id": PARENT}, [("parent_bsuid", PARENT)], None),
        ({"parent_recipient_user_id": PARENT}, [("parent_bsuid", PARENT)], None),
        ({"recipient_id": "g", "recipient_type": "group"}, [("group", "g")], None),
        ({"recipient_id": "g", "recipient_type": "group", "recipient_participant_id": PHONE},
         [("phone", PHONE), ("group", "g")], PHONE),
        ({"recipient_id": "g", "recipient_type": "group", "participant_recipient_id": PHONE},
         [("phone", PHONE), ("group", "g")], PHONE),
        ({"recipient_id": PHONE, "recipient_participant_id": "1"}, [("phone", PHONE)], None),
    ],
)  # fmt: skip
def test_whom_a_status_is_about(
    status: dict[str, Any], aliases: list[tuple[str, str]], participant: str | None
) -> None:
    assert pairs(people.recipient(status, None)) == aliases
    assert people.participant(status) == participant
