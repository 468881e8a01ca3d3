"""News of people rather than from them: address book, choices, new ids. Used by items.py."""

import re
from typing import Any

from adapter.fields import Malformed, Unknown, Wire, identifier, mapping, required, time_of
from adapter.items import CONTACT, Item, Made
from ingest_whatsapp.normalize import people
from ingest_whatsapp.normalize.lanes import contacts_of

AS_WRITTEN = re.compile(r"\+?[0-9\s().-]+")
"""A phone number as an address book shows it, with signs between its digits."""
BOOKED: people.Rows = (*people.PROFILE, (people.BY_FORM, "phone_number"))


def address_book(item: Item) -> Made:
    """A contact of the business' own app was saved, or removed there; the person stays."""
    body = item.body
    if body.get("type") not in (None, "contact"):
        raise Unknown
    booked = mapping(body.get("contact"))
    phone = identifier(booked.get("phone_number"))
    if phone and AS_WRITTEN.fullmatch(phone):
        phone = "".join(filter(str.isdecimal, phone))
    ids: people.Ids = {}
    people.collect(booked | {"phone_number": phone}, BOOKED, ids)
    if not ids:
        raise Malformed
    removed = body.get("action") == "remove"
    name = people.name_in(booked.get("full_name")) or booked.get("first_name")
    profile = None if removed else {"name": name, "username": booked.get("username")}
    data: Wire = {
        "contact": people.contact_of(ids, None, profile),
        "reason": "address_book_removed" if removed else "address_book",
    }
    return Made(CONTACT, data, time_of(mapping(body.get("metadata")).get("timestamp")))


def preference(item: Item) -> Made:
    """What the person wants of us: `{"marketing_messages": "stop"}`."""
    body = item.body
    chosen = {required(body.get("category")): required(body.get("value"))}
    contact = people.person(body, people.PROFILE, contacts_of(item))
    return Made(CONTACT, {"contact": contact, "reason": "preferences", "preferences": chosen})


def new_user_id(item: Item) -> Made:
    """The platform names the person by another BSUID now."""
    body = item.body
    current: people.Ids = {}
    previous: people.Ids = {}
    for kind, key in (("bsuid", "user_id"), ("parent_bsuid", "parent_user_id")):
        ids = _pair(body.get(key))
        people.collect(ids, ((kind, "current"),), current)
        people.collect(ids, ((kind, "previous"),), previous)
    people.collect(body, ((people.BY_FORM, "wa_id"),), current)
    if not current:
        raise Malformed
    stale = {pair: None for pair in previous if pair not in current}
    contact = people.contact_of(current, contacts_of(item))
    data: Wire = {"contact": contact, "reason": "user_id_update"}
    if stale:
        data["previous"] = people.ranked(stale)
        # `contacts` may still name them by the old ones.
        left = [each for each in contact["aliases"] if each not in data["previous"]]
        data["contact"] = contact | {"aliases": left}
    return Made(CONTACT, data)


def _pair(value: Any) -> dict[str, Any]:
    """{previous, current}; an id alone is the current one."""
    return {"current": value} if identifier(value) else mapping(value)
