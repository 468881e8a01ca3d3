"""Which app holds a thread: news of the handover between Meta and us. Used by items.py."""

from collections.abc import Mapping
from typing import Any

from adapter.fields import Unknown, Wire, identifier, mapping
from adapter.items import THREAD_CONTROL, Item, Made
from ingest_whatsapp.normalize import people
from ingest_whatsapp.normalize.lanes import contacts_of

ACTIONS: Mapping[str, str] = {
    "pass_thread_control": "passed",
    "take_thread_control": "taken",
    "request_thread_control": "requested",
    "control_passed": "passed",
    "control_taken": "taken",
    "control_requested": "requested",
}
"""Key of the facts → the wire's action."""
WORDS: Mapping[str, str] = {
    **ACTIONS,
    **{action: action for action in ACTIONS.values()},
    "pass": "passed",
    "take": "taken",
    "request": "requested",
}
"""The same said by a word beside them."""
PERSON: people.Rows = (
    *people.PROFILE,
    *people.WRITER,
    (people.BY_FORM, "phone_number"),
    (people.BY_FORM, "id"),
)
OWNER = ("new_owner_app_id", "requested_owner_app_id", "new_owner", "owner", "current_owner")
PREVIOUS = (
    *("previous_owner_app_id", "previous_owner", "previous_owner_app_role"),
    "previous_owner_role",
)
ROLE = "new_owner_role"
"""Conversation routing names the owner by its role, and tells of a pass who got the thread alone:
an app that is passed a thread is then this one, any other is not."""
UNKNOWN = "unknown"


def handover(item: Item) -> Made:
    """The facts stand under what happened: `{sender, control_passed: {new_owner_role, …}}`.

    Or as Messenger has it: `{sender, pass_thread_control: {new_owner_app_id, …}}`.
    """
    body = item.body
    action, facts = _happened(body)
    person = mapping(body.get("sender")) or mapping(body.get("contact"))
    fields = person or {key: value for key, value in body.items() if key != "id"}
    data: Wire = {
        "contact": people.person(fields, PERSON, contacts_of(item) or body.get("contacts")),
        "action": action,
    }
    owner = _first(facts, OWNER)
    if owner is None and action != "passed":
        owner = identifier(facts.get(ROLE)) or UNKNOWN
    if owner:
        data["owner"] = owner
    if previous := _first(facts, PREVIOUS):
        data["previous_owner"] = previous
    return Made(THREAD_CONTROL, data)


def _happened(body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The action and the object that tells of it: under a key of its name, or beside a word."""
    for key, action in ACTIONS.items():
        if key in body:
            return action, mapping(body[key])
    for key in ("event", "action", "type"):
        word = body.get(key)
        if isinstance(word, str) and (said := WORDS.get(word.lower())):
            return said, mapping(body.get("thread_control")) or body
    raise Unknown


def _first(facts: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    return next(filter(None, (identifier(facts.get(key)) for key in keys)), None)
