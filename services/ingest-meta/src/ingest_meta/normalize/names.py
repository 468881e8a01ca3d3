"""Which fact an item is: ids of events, and of messages the platform gave none. Used by dialect.py.

The same fact has the same id however it arrives (again, in another batch, by standby, as a change
of the other login flavour) and whatever is made of it. A message is its id; news of one are its id
and what happened; a receipt is who and up to when. The rest is a hash of the item.
"""

from collections.abc import Callable
from typing import Any

from adapter.fields import identifier, mapping, raw
from adapter.items import Item
from contracts.ids import digest, event_id, item_id
from ingest_meta.payloads import STANDBY, act

Name = tuple[str, ...] | None
"""Kind, external id, and state if there is one: what contracts.ids.event_id takes."""

NOTICES = {
    "referral": "referral",
    "optin": "optin",
    "account_linking": "account_linking",
    "messaging_feedback": "feedback",
    "response_feedback": "response_feedback",
    "messaging_customer_information": "customer_information",
    "game_play": "game_play",
}
"""Acts that stand in the thread and have no id of their own: kind → the name of the notice."""


def name_of(item: Item, account: str) -> str:
    """The id of an item's event."""
    kind = item.kind.removeprefix(STANDBY)
    head = kind.partition(".")[0]
    body = mapping(item.body)
    namer = NAMERS.get(head)
    name = namer(kind, body) if namer else None
    if head in NOTICES:
        name = ("message", _made_up(head, body))
    if name is not None:
        return event_id(item.channel, account, *name)
    # Next month's warning must not be a repeat of this month's: undated news take the entry's date.
    dated = any(body.get(key) is not None for key in ("timestamp", "created_time"))
    return item_id(
        item.channel, account, kind, raw([item.body, None if dated else item.entry_time])
    )


def external_id(item: Item) -> str | None:
    """The message id of what stands in the thread; made up where the platform gave none.

    One that is made up begins with `event:`, so that nobody answers to it.
    """
    head = item.kind.removeprefix(STANDBY).partition(".")[0]
    body = mapping(item.body)
    if head in {"message", "echo"}:
        return identifier(mapping(body.get("message")).get("mid"))
    if head == "postback":
        return identifier(mapping(body.get("postback")).get("mid")) or _pressed(body)
    return _made_up(head, body)


def _message(kind: str, body: dict[str, Any]) -> Name:
    mid = identifier(mapping(body.get("message")).get("mid"))
    return ("deletion" if kind.endswith(".deleted") else "message", mid) if mid else None


def _postback(_kind: str, body: dict[str, Any]) -> Name:
    return "message", identifier(mapping(body.get("postback")).get("mid")) or _pressed(body)


def _edit(_kind: str, body: dict[str, Any]) -> Name:
    edit = mapping(body.get("message_edit"))
    mid = identifier(edit.get("mid"))
    which = identifier(edit.get("num_edit")) or identifier(body.get("timestamp"))
    return ("edit", mid, which) if mid and which else None


def _reaction(kind: str, body: dict[str, Any]) -> Name:
    reaction = mapping(body.get("reaction"))
    mid, at = identifier(reaction.get("mid")), identifier(body.get("timestamp"))
    who = identifier(mapping(body.get("sender")).get("id"))
    if not (mid and who and at):
        return None
    return kind, mid, f"{who}:{identifier(reaction.get('action')) or ''}:{at}"


def _receipt(kind: str, body: dict[str, Any]) -> Name:
    """Messenger's marks are moments, Instagram's are messages."""
    receipt = mapping(body.get(kind.partition(".")[0]))
    who = identifier(mapping(body.get("sender")).get("id"))
    up_to = identifier(receipt.get("watermark")) or identifier(receipt.get("mid"))
    return ("watermark", who, f"{kind}:{up_to}") if who and up_to else None


NAMERS: dict[str, Callable[[str, dict[str, Any]], Name]] = {
    "message": _message,
    "echo": _message,
    "postback": _postback,
    "message_edit": _edit,
    "reaction": _reaction,
    "read": _receipt,
    "delivery": _receipt,
}


def _pressed(body: dict[str, Any]) -> str:
    """A press has no id in standby and in old payloads: who, when, what."""
    postback = mapping(body.get("postback"))
    what = [*_who_and_when(body), postback.get("payload"), postback.get("title")]
    return f"event:postback:{digest(raw(what))}"


def _made_up(head: str, body: dict[str, Any]) -> str:
    what = [*_who_and_when(body), act(head, body)]
    return f"event:{head}:{digest(raw(what))}"


def _who_and_when(body: dict[str, Any]) -> tuple[str | None, str | None]:
    sender = mapping(body.get("sender"))
    who = identifier(sender.get("id")) or identifier(sender.get("user_ref"))
    return who, identifier(body.get("timestamp"))
