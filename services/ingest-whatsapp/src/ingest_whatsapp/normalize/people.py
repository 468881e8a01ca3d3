"""Whom an item is about: the aliases of a person, or of a group, and their names.

Since 2026 a person may hide the phone number behind a username; the platform then names them by a
business-scoped user id (BSUID) alone. Every id a payload gives becomes an alias, none is required.
Used by every row of the table in items.py.
"""

import re
from typing import Any

from adapter.fields import Malformed, Wire, identifier, listed, mapping
from ingest_whatsapp.normalize.phones import lookup_key

STRENGTH = {"bsuid": 0, "phone": 1, "parent_bsuid": 2, "wa_id": 3, "phone_key": 4, "group": 5}
"""Aliases, strongest first: a BSUID is one person for this business, a phone number may get a new
owner, a parent id is shared by the businesses of a portfolio. `wa_id`: an id of no known form,
`phone_key`: what both forms of a number are found under (phones.py)."""

BY_FORM = "wa_id"
"""The kind of fields that hold whatever WhatsApp calls a user by: their form tells which."""
FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("phone", re.compile(r"\+([0-9]{5,20})")),
    ("bsuid", re.compile(r"([A-Z]{2}\.[A-Za-z0-9]{1,128})")),
    ("parent_bsuid", re.compile(r"([A-Z]{2}\.ENT\.[A-Za-z0-9]{1,128})")),
)
DIGITS = range(5, 21)
"""Of a phone number."""

Rows = tuple[tuple[str, str], ...]

WRITER: Rows = (
    ("bsuid", "from_user_id"),
    (BY_FORM, "from"),
    ("parent_bsuid", "from_parent_user_id"),
)
ADDRESSEE: Rows = (
    ("bsuid", "to_user_id"),
    (BY_FORM, "to"),
    ("parent_bsuid", "to_parent_user_id"),
    (BY_FORM, "recipient"),
)
"""`recipient`: of a request that was sent to a BSUID."""
RECIPIENT: Rows = (
    ("bsuid", "recipient_user_id"),
    (BY_FORM, "recipient_id"),
    ("parent_bsuid", "recipient_parent_user_id"),
    ("parent_bsuid", "parent_recipient_user_id"),
)
GROUP_RECIPIENT: Rows = (
    ("group", "recipient_id"),
    ("bsuid", "recipient_participant_user_id"),
    (BY_FORM, "recipient_participant_id"),
    (BY_FORM, "participant_recipient_id"),
)
"""Meta's own pages disagree on two of these names: both are read."""
PROFILE: Rows = (
    ("bsuid", "user_id"),
    (BY_FORM, "wa_id"),
    ("parent_bsuid", "parent_user_id"),
)
GROUP: Rows = (("group", "group_id"),)
ANYBODY: Rows = (*WRITER, *ADDRESSEE, *RECIPIENT, *GROUP_RECIPIENT[1:], *PROFILE)
"""Every field by which an entry of `contacts` may be found."""

MAX_ALIAS = 256
MAX_NAME = 256

Ids = dict[tuple[str, str], None]
"""(kind, value) of aliases, each once: plain until all are known, for this is the hot path."""


def person(fields: dict[str, Any], rows: Rows, contacts: Any = None) -> Wire:
    """The contact these fields name, as the wire has it. Raises Malformed when they name nobody."""
    ids: Ids = {}
    collect(fields, rows, ids)
    if not ids:
        raise Malformed
    return contact_of(ids, contacts)


def contact_of(ids: Ids, contacts: Any = None, profile: Any = None) -> Wire:
    """The contact of these ids; their entry of `contacts` adds ids and names, else `profile`."""
    named = mapping(_adopt(ids, contacts).get("profile") or profile)
    contact: Wire = {"aliases": ranked(ids)}
    if name := name_in(named.get("name")):
        contact["name"] = name
    if username := name_in(named.get("username")):
        contact["username"] = username
    return contact


def recipient(status: dict[str, Any], contacts: Any) -> list[Wire]:
    """Whom a status is about: every alias known of them, perhaps none."""
    ids: Ids = {}
    group = status.get("recipient_type") == "group"
    collect(status, GROUP_RECIPIENT if group else RECIPIENT, ids)
    _adopt(ids, contacts)
    return ranked(ids)


def participant(status: dict[str, Any]) -> str | None:
    """Which member of a group a status is about; None outside groups."""
    if status.get("recipient_type") != "group":
        return None
    found = (identifier(status.get(key)) for _, key in GROUP_RECIPIENT[1:])
    return next(filter(None, found), None)


def entries_of(fields: dict[str, Any], contacts: Any) -> list[Any]:
    """The entries of `contacts` about anybody these fields name."""
    ids: Ids = {}
    collect(fields, ANYBODY, ids)
    for key in ("user_id", "parent_user_id"):
        collect(mapping(fields.get(key)), ((BY_FORM, "current"),), ids)
    collect(mapping(fields.get("sender")), ((BY_FORM, "phone_number"), *PROFILE), ids)
    return [entry for entry in listed(contacts) if not ids.keys().isdisjoint(_of_profile(entry))]


def collect(fields: dict[str, Any], rows: Rows, ids: Ids) -> None:
    """Add the ids that stand in these fields."""
    for kind, key in rows:
        if key in fields:
            value = identifier(fields[key])
            if value is not None and len(value) <= MAX_ALIAS:
                ids[by_form(value) if kind == BY_FORM else (kind, value)] = None


def by_form(value: str) -> tuple[str, str]:
    """(kind, value) of an id whose field does not say what it is."""
    if value.isdecimal() and value.isascii() and len(value) in DIGITS:
        return "phone", value  # nearly all are, and this is the hot path
    for kind, pattern in FORMS:
        if match := pattern.fullmatch(value):
            return kind, match[1]
    return BY_FORM, value


def ranked(ids: Ids) -> list[Wire]:
    """As aliases, strongest first."""
    for kind, value in list(ids):
        if kind == "phone" and (key := lookup_key(value)):
            ids["phone_key", key] = None
    order = sorted(ids, key=lambda pair: STRENGTH[pair[0]]) if len(ids) > 1 else ids
    return [{"kind": kind, "value": value} for kind, value in order]


def name_in(value: Any) -> str | None:
    """A name without the blanks around it. None: there is none."""
    return (value.strip()[:MAX_NAME] or None) if isinstance(value, str) else None


def _adopt(ids: Ids, contacts: Any) -> dict[str, Any]:
    """The entry of `contacts` that shares an id, its other ids added; empty when there is none.

    By id, for the place of an entry says nothing in a batch.
    """
    for entry in listed(contacts):
        theirs = _of_profile(entry)
        if not ids.keys().isdisjoint(theirs):
            ids.update(theirs)
            return mapping(entry)
    return {}


def _of_profile(entry: Any) -> Ids:
    ids: Ids = {}
    collect(mapping(entry), PROFILE, ids)
    return ids
