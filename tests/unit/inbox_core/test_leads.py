"""What people say of themselves, in one written form; and what it may do to a contact."""

from typing import Any
from uuid import UUID

import pytest

from inbox_core.app.leads import email_of, phone_of
from inbox_core.domain.identity import Contact, LeadStatus


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        (" Zoe@Shop.EXAMPLE ", "zoe@shop.example"),
        ("zoé@shop.example", "zoé@shop.example"),
        ("zoe@shop", None),
        ("zoe", None),
        ("zoe@shop.example\r\nBcc: x@y.example", None),
        ("z" * 254 + "@shop.example", None),
        ("", None),
        (None, None),
    ],
)
def test_an_address_is_one_or_it_is_dropped(said: str | None, kept: str | None) -> None:
    assert email_of(said) == kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("+49 (151) 123-4567", "+491511234567"),
        ("0151 1234567", "0151 1234567"),
        (" 12\x00\n3 ", "12 3"),
        ("+49 1", "+49 1"),
        ("call me", None),
        ("9" * 40, "9" * 32),
        ("", None),
        (None, None),
    ],
)
def test_a_number_is_written_in_one_form_where_it_says_its_country(
    said: str | None, kept: str | None
) -> None:
    assert phone_of(said) == kept


@pytest.mark.parametrize(
    ("email", "phone", "lead", "taken", "after"),
    [
        ("a@b.example", None, None, True, "new"),
        (None, "+49151", None, True, "new"),
        ("a@b.example", None, "won", True, "won"),
        (None, None, None, False, None),
    ],
)
def test_whoever_leaves_an_address_is_a_lead(
    email: str | None,
    phone: str | None,
    lead: LeadStatus | None,
    after: LeadStatus | None,
    *,
    taken: bool,
) -> None:
    contact = Contact(UUID(int=1), UUID(int=2), lead_status=lead)
    assert contact.leave(email, phone) is taken
    assert contact.lead_status == after


@pytest.mark.parametrize(
    ("known", "told", "name", "source"),
    [
        ({}, {"said": "Zoe"}, "Zoe", "channel"),
        ({"name": "Zoe"}, {"said": "Ceo"}, "Ceo", "channel"),
        ({"name": "Zoe", "external_id": "u1"}, {"said": "Ceo"}, "Zoe", "channel"),
        ({"external_id": "u1"}, {"said": "Zoe"}, "Zoe", "channel"),
        ({"name": "Ceo"}, {"proven": "Zoe"}, "Zoe", "proven"),
        ({"name": "Zoe", "name_source": "proven"}, {"said": "Ceo"}, "Zoe", "proven"),
        ({"name": "Zoe", "name_source": "proven"}, {"proven": "Zoe B."}, "Zoe B.", "proven"),
        ({"name": "VIP", "name_source": "user"}, {"proven": "Zoe", "said": "Ceo"}, "VIP", "user"),
    ],
)
def test_a_name_that_is_typed_never_takes_the_place_of_one_that_is_vouched_for(
    known: dict[str, Any], told: dict[str, str], name: str, source: str
) -> None:
    contact = Contact(UUID(int=1), UUID(int=2), **known)
    contact.prove(told.get("proven"), None)
    contact.learn(told.get("said"), None)
    assert (contact.name, contact.name_source) == (name, source)


def test_what_is_proven_is_news_once() -> None:
    contact = Contact(UUID(int=1), UUID(int=2), email="a@b.example", lead_status="won")
    assert contact.prove(None, "a@b.example")
    assert (contact.email_proven, contact.lead_status) == (True, "won")
    assert not contact.prove(None, "a@b.example")
    assert contact.vouch("u1")
    assert not contact.vouch("u1")
    assert not contact.vouch(None)


def test_what_is_known_already_stays_and_makes_no_lead() -> None:
    contact = Contact(UUID(int=1), UUID(int=2), email="a@b.example", phone="49151")
    assert not contact.leave("c@d.example", "+49152")
    assert (contact.email, contact.phone, contact.lead_status) == ("a@b.example", "49151", None)
