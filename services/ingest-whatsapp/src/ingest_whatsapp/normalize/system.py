"""System messages: WhatsApp says that a person has another number, id, or phone. Used by items.py.

They have no `contacts`, and `from` may be absent. Nobody is ever merged here: the event says
which ids take the place of which, inbox-core decides whose they are.
"""

from collections.abc import Callable, Mapping
from typing import Any

from adapter.fields import Malformed, Wire, identifier, mapping, required, sentence
from adapter.items import CONTACT, MESSAGE, Item, Made
from ingest_whatsapp.normalize import people

CURRENT: people.Rows = (*people.PROFILE, (people.BY_FORM, "new_wa_id"))
PREVIOUS: people.Rows = (
    ("bsuid", "previous_user_id"),
    (people.BY_FORM, "customer"),
    ("parent_bsuid", "previous_parent_user_id"),
)
MAX_WORDS = 4096


def system_message(item: Item) -> Made:
    """By `system.type`; of a type nobody knows its words are shown."""
    system = mapping(item.body.get("system"))
    kind = system.get("type")
    if not isinstance(kind, str) or not kind:
        raise Malformed
    return CHANGES.get(kind, _told)(item, system)


def _moved(item: Item, system: dict[str, Any]) -> Made:
    """Another phone number, and with it another BSUID: what wrote before is theirs no more."""
    current = _ids(system, CURRENT)
    previous = _ids(item.body, people.WRITER) | _ids(system, PREVIOUS)
    return _renamed(current, previous, system)


def _renumbered(item: Item, system: dict[str, Any]) -> Made:
    """Another BSUID; of the other ids only those that another of their kind replaces are old."""
    current, previous = _ids(system, CURRENT), _ids(system, PREVIOUS)
    replaced = {kind for kind, _ in current}
    for pair in _ids(item.body, people.WRITER):
        (previous if pair[0] in replaced else current)[pair] = None
    return _renamed(current, previous, system)


def _renamed(current: people.Ids, previous: people.Ids, system: dict[str, Any]) -> Made:
    if not current:
        raise Malformed
    data: Wire = {"contact": people.contact_of(current), "reason": system["type"]}
    if stale := {pair: None for pair in previous if pair not in current}:
        data["previous"] = people.ranked(stale)
    return Made(CONTACT, data)


def _told(item: Item, system: dict[str, Any]) -> Made:
    """A line in the thread: the person registered anew, or something we have no word for."""
    ids = _ids(item.body, people.WRITER) or _ids(system, (*CURRENT, *PREVIOUS))
    if not ids:
        raise Malformed
    identity = mapping(system.get("identity")) or mapping(item.body.get("identity"))
    facts = {"name": NAMES.get(system["type"], system["type"]), **identity}
    part: Wire = {"kind": "notice", "data": facts}
    if words := sentence(system.get("body"), MAX_WORDS):
        part["text"] = words
    message: Wire = {
        "external_id": required(item.body.get("id")),
        "direction": "inbound",
        "contact": people.contact_of(ids),
        "parts": [part],
        "notice": True,
    }
    if group_id := identifier(item.body.get("group_id")):
        message["group_id"] = group_id
    return Made(MESSAGE, message)


def _ids(fields: dict[str, Any], rows: people.Rows) -> people.Ids:
    ids: people.Ids = {}
    people.collect(fields, rows, ids)
    return ids


CHANGES: Mapping[str, Callable[[Item, dict[str, Any]], Made]] = {
    "user_changed_number": _moved,
    "customer_changed_number": _moved,
    "user_changed_user_id": _renumbered,
}
NAMES = {
    "customer_identity_changed": "identity_changed",
    "user_identity_changed": "identity_changed",
}
