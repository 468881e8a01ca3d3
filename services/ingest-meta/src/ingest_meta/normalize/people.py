"""Who an act is about: the person, never the account. Used by every rule.

Webhooks of both channels carry no names; profiles are looked up later. A person of the chat or
checkbox plugin is a `user_ref` until they write; then both ids come together once.
"""

from adapter.fields import Malformed, Wire, identifier, mapping
from adapter.items import Item
from ingest_meta.payloads import STANDBY

MAX_ALIAS = 256
CHECKBOX = "checkbox_plugin"
"""The `prior_message.source` whose identifier is a user_ref."""


def is_echo(item: Item) -> bool:
    """A message the account sent: its thread is the recipient's."""
    return item.kind.removeprefix(STANDBY).startswith("echo.")


def contact(kind: str, item: Item) -> Wire | None:
    """The other side of the thread under every id the item gives; None when it gives none."""
    body = mapping(item.body)
    sender = mapping(body.get("sender"))
    ours = is_echo(item) or (sender and identifier(sender.get("id")) == item.account)
    side = mapping(body.get("recipient")) if ours else sender
    prior = mapping(body.get("prior_message"))
    ids = (
        (kind, side.get("id")),
        ("user_ref", side.get("user_ref")),
        ("user_ref", mapping(body.get("optin")).get("user_ref")),
        ("user_ref", prior.get("identifier") if prior.get("source") == CHECKBOX else None),
    )
    named = ((kind, identifier(value)) for kind, value in ids)
    found = dict.fromkeys((k, value) for k, value in named if value and len(value) <= MAX_ALIAS)
    if not found:
        return None
    return {"aliases": [{"kind": kind, "value": value} for kind, value in found]}


def required(kind: str, item: Item) -> Wire:
    """As `contact`. Raises Malformed."""
    found = contact(kind, item)
    if found is None:
        raise Malformed
    return found
