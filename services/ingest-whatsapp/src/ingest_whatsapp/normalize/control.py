"""Which app holds a thread: news of the handover between Meta and us. Used by items.py."""

from collections.abc import Mapping
from typing import Any

from adapter.fields import Unknown, Wire, identifier, mapping
from adapter.items import THREAD_CONTROL, Item, Made
from ingest_whatsapp.normalize import people
from ingest_whatsapp.normalize.lanes import contacts_of

ACTIONS: Mapping[str, str] = {
    "pass": "passed",
    "take": "taken",
    "request": "requested",
}
"""First word of `pass_thread_control` and the like → the wire's action."""
PERSON: people.Rows = (
    *people.PROFILE,
    *people.WRITER,
    (people.BY_FORM, "phone_number"),
    (people.BY_FORM, "id"),
)
OWNER = ("new_owner_app_id", "requested_owner_app_id", "new_owner", "owner", "current_owner")
PREVIOUS = ("previous_owner_app_id", "previous_owner")


def handover(item: Item) -> Made:
    """As Messenger has it: `{sender, pass_thread_control: {new_owner_app_id, …}}`."""
    body = item.body
    action, facts = _happened(body)
    person = mapping(body.get("sender")) or mapping(body.get("contact"))
    fields = person or {key: value for key, value in body.items() if key != "id"}
    data: Wire = {
        "contact": people.person(fields, PERSON, contacts_of(item) or body.get("contacts")),
        "action": action,
    }
    if owner := _first(facts, OWNER):
        data["owner"] = owner
    if previous := _first(facts, PREVIOUS):
        data["previous_owner"] = previous
    return Made(THREAD_CONTROL, data)


def _happened(body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The action and the object that tells of it: under a key of its name, or beside a word."""
    for key, value in body.items():
        action = ACTIONS.get(key.partition("_")[0])
        if action is not None and key.endswith("thread_control"):
            return action, mapping(value)
    for key in ("event", "action", "type"):
        if isinstance(word := body.get(key), str):
            for start, action in ACTIONS.items():
                if word.lower().startswith(start) or word.lower().endswith(action):
                    return action, body
    raise Unknown


def _first(facts: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    return next(filter(None, (identifier(facts.get(key)) for key in keys)), None)
