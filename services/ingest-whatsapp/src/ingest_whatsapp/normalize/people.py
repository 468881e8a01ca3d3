"""Who wrote, or was written to: the aliases of a person and their names. Used by items.py.

Since 2026 a person may hide the phone number behind a username; the platform then names them by a
business-scoped user id (BSUID) alone. Every id a payload gives becomes an alias, none is required.
"""

import re
from typing import Any

from adapter.fields import Wire, identifier, mapping

STRENGTH = {"bsuid": 0, "phone": 1, "parent_bsuid": 2, "wa_id": 3, "group": 4}
"""Aliases, strongest first: a BSUID is one person for this business, a phone number may get a new
owner, a parent id is shared by the businesses of a portfolio. `wa_id`: an id of no known form."""

BY_FORM = "wa_id"
"""The kind of fields that hold whatever WhatsApp calls a user by: their form tells which."""
FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("phone", re.compile(r"\+?([0-9]{5,20})")),
    ("bsuid", re.compile(r"([A-Z]{2}\.[A-Za-z0-9]{1,128})")),
    ("parent_bsuid", re.compile(r"([A-Z]{2}\.ENT\.[A-Za-z0-9]{1,128})")),
)

WRITER = (
    ("bsuid", "from_user_id"),
    (BY_FORM, "from"),
    ("parent_bsuid", "from_parent_user_id"),
)
RECIPIENT = (
    ("bsuid", "recipient_user_id"),
    (BY_FORM, "recipient_id"),
    ("parent_bsuid", "recipient_parent_user_id"),
    ("parent_bsuid", "parent_recipient_user_id"),
)
GROUP_RECIPIENT = (
    ("group", "recipient_id"),
    ("bsuid", "recipient_participant_user_id"),
    (BY_FORM, "recipient_participant_id"),
    (BY_FORM, "participant_recipient_id"),
)
"""Meta's own pages disagree on two of these names: both are read."""
PROFILE = (
    ("bsuid", "user_id"),
    (BY_FORM, "wa_id"),
    ("parent_bsuid", "parent_user_id"),
)

MAX_ALIAS = 256
MAX_NAME = 256

Rows = tuple[tuple[str, str], ...]
Ids = dict[tuple[str, str], None]
"""(kind, value) of aliases, each once: plain until all are known, for this is the hot path."""


def writer(message: dict[str, Any], contacts: Any) -> Wire | None:
    """The contact of an inbound message, as the wire has it; None when it names nobody."""
    ids: Ids = {}
    _collect(message, WRITER, ids)
    if not ids:
        return None
    profile = mapping(_adopt(ids, contacts).get("profile"))
    contact: Wire = {"aliases": _ranked(ids)}
    if name := _name(profile.get("name")):
        contact["name"] = name
    if username := _name(profile.get("username")):
        contact["username"] = username
    return contact


def recipient(status: dict[str, Any], contacts: Any) -> list[Wire]:
    """Whom a status is about: every alias known of them, perhaps none."""
    ids: Ids = {}
    group = status.get("recipient_type") == "group"
    _collect(status, GROUP_RECIPIENT if group else RECIPIENT, ids)
    _adopt(ids, contacts)
    return _ranked(ids)


def participant(status: dict[str, Any]) -> str | None:
    """Which member of a group a status is about; None outside groups."""
    if status.get("recipient_type") != "group":
        return None
    found = (identifier(status.get(key)) for _, key in GROUP_RECIPIENT[1:])
    return next(filter(None, found), None)


def entry_of(body: dict[str, Any], contacts: Any) -> dict[str, Any]:
    """The entry of `contacts` about whoever wrote, or was written to; empty when none is."""
    ids: Ids = {}
    for rows in (WRITER, RECIPIENT, GROUP_RECIPIENT):
        _collect(body, rows, ids)
    return _adopt(ids, contacts)


def _collect(fields: dict[str, Any], rows: Rows, ids: Ids) -> None:
    for kind, key in rows:
        if key in fields:
            value = identifier(fields[key])
            if value is not None and len(value) <= MAX_ALIAS:
                ids[_by_form(value) if kind == BY_FORM else (kind, value)] = None


def _by_form(value: str) -> tuple[str, str]:
    for kind, pattern in FORMS:
        if match := pattern.fullmatch(value):
            return kind, match[1]
    return BY_FORM, value


def _ranked(ids: Ids) -> list[Wire]:
    """As aliases, strongest first."""
    ranked = sorted(ids, key=lambda pair: STRENGTH[pair[0]]) if len(ids) > 1 else ids
    return [{"kind": kind, "value": value} for kind, value in ranked]


def _adopt(ids: Ids, contacts: Any) -> dict[str, Any]:
    """The entry of `contacts` that shares an id, its other ids added; empty when there is none.

    By id, for the place of an entry says nothing in a batch.
    """
    for entry in contacts if isinstance(contacts, list) else ():
        theirs: Ids = {}
        _collect(mapping(entry), PROFILE, theirs)
        if not ids.keys().isdisjoint(theirs):
            ids.update(theirs)
            return mapping(entry)
    return {}


def _name(value: Any) -> str | None:
    return (value.strip()[:MAX_NAME] or None) if isinstance(value, str) else None
