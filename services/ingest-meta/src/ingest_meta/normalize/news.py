"""News of the account: changes of its fields, comments, roles, what Meta holds against it.

Rules of every channel's table. They concern no conversation: inbox-core keeps them with the
channel, and its health where they tell of it.
"""

from collections.abc import Iterable
from typing import Any

from adapter.fields import Malformed, Wire, mapping, time_of
from adapter.items import ACCOUNT, Item, Made
from ingest_meta.normalize.dialect import Dialect, Rule
from ingest_meta.payloads import CHANGES, MAX_KIND, STANDBY, act

ENFORCEMENT = {"block": "restricted", "unblock": "active"}
INTEGRITY = {"restricted": "restricted", "unpublished": "disabled", "disabled": "disabled"}
"""Meta's word → the health of the account; any other word tells of no change."""
MAX_SENTENCE = 300


def change(_dialect: Dialect, item: Item) -> Made:
    """What happened to a field, whole. A `feed` says which item of it: `feed.comment`."""
    value = item.body
    kind = item.kind.removeprefix(CHANGES)
    if isinstance(value.get("item"), str):
        kind = f"{kind}.{value['item']}"
    return Made(
        ACCOUNT, {"kind": kind[:MAX_KIND], "details": value}, time_of(value.get("created_time"))
    )


def roles(_dialect: Dialect, item: Item) -> Made:
    """Which apps may hold threads, and as what."""
    return _news(item, act("app_roles", item.body))


def enforcement(_dialect: Dialect, item: Item) -> Made:
    """A warning, a block or its end."""
    said = act("policy_enforcement", item.body)
    return _news(item, said, _health(ENFORCEMENT, said.get("action"), said.get("reason")))


def integrity(_dialect: Dialect, item: Item) -> Made:
    """What a page is held to have violated, and what it may no longer do."""
    said = {key: value for key, value in item.body.items() if key not in {"sender", "recipient"}}
    violations = said.get("violations")
    first = violations[0] if isinstance(violations, list) and violations else None
    return _news(
        item, said, _health(INTEGRITY, said.get("status"), mapping(first).get("description"))
    )


def changes(fields: Iterable[str]) -> dict[str, Rule]:
    """The rows of a channel's fields."""
    return {CHANGES + field: change for field in fields}


RULES: dict[str, Rule] = {
    "app_roles": roles,
    "policy_enforcement": enforcement,
    "business_integrity": integrity,
}


def _news(item: Item, details: dict[str, Any], health: Wire | None = None) -> Made:
    if not details:
        raise Malformed
    data: Wire = {"kind": item.kind.removeprefix(STANDBY), "details": details}
    return Made(ACCOUNT, data | ({"health": health} if health else {}))


def _health(states: dict[str, str], word: Any, problem: Any) -> Wire:
    health: Wire = {}
    if isinstance(word, str) and word.lower() in states:
        health["state"] = states[word.lower()]
    if isinstance(problem, str) and problem:
        health["problem"] = problem[:MAX_SENTENCE]
    return health
