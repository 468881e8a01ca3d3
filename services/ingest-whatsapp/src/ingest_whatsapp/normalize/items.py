"""The table of kinds: one function makes an event of one kind of item. Used by bodies.py.

What stands in NORMALIZERS is understood; everything else becomes an Unsupported event with its
JSON text, so that a later version of this table can make more of it: an event keeps its id
whatever is made of it, and carries the number of the version that made it.
"""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal

from contracts import events
from contracts.ids import event_id, item_id
from ingest_whatsapp.normalize import people
from ingest_whatsapp.normalize.fields import (
    Malformed,
    Wire,
    identifier,
    mapping,
    raw,
    required,
    time_of,
)
from ingest_whatsapp.payloads import MALFORMED, Item
from metagraph import taxonomy

CHANNEL = "whatsapp"
NORMALIZER = 1
"""Raised whenever this table understands more; inbox-core then replaces unsupported rows."""

CONVERSING = ("message.", "standby.message.")
"""Kinds whose writer is the contact: unsupported ones are shown in the conversation."""
MESSAGES = (*CONVERSING, "echo.", "standby.echo.")
"""Kinds whose `id` names a message for ever, whatever is made of it."""
STATUSES = ("status.", "standby.status.")

MAX_SENTENCE = 300
NO_MESSAGE = "M0"
"""A context id that names nothing."""

Why = Literal["unknown_kind", "malformed", "oversized"]


MESSAGE, DELIVERY, UNSUPPORTED = (
    model.model_fields["type"].default
    for model in (events.MessageEvent, events.DeliveryEvent, events.UnsupportedEvent)
)


def normalize(item: Item, received_at: datetime) -> Wire:
    """The event of one item of a known account, as it stands on the wire.

    `received_at` is its time only where the platform gave none. Raises ValueError when the item
    lacks what its kind needs, and Unwritable when it cannot even be kept raw.
    """
    make = NORMALIZERS.get(item.kind, unsupported)
    return make(item, received_at)


def text_message(item: Item, received_at: datetime) -> Wire:
    body = item.body
    text = mapping(body.get("text")).get("body")
    contact = people.writer(body, item.contacts)
    if contact is None or not isinstance(text, str):
        raise Malformed
    part: Wire = {"kind": "text", "text": text}
    message: Wire = {
        "external_id": required(body.get("id")),
        "direction": "inbound",
        "contact": contact,
        "parts": [part],
        "forwarded": False,
    }
    if group_id := identifier(body.get("group_id")):
        message["group_id"] = group_id
    if context := mapping(body.get("context")):
        _in_context(message, part, context)
    if referral := mapping(body.get("referral")):
        message["referral"] = referral
    return _event(MESSAGE, item, received_at, message)


def _in_context(message: Wire, part: Wire, context: dict[str, Any]) -> None:
    """What a message answers, whether it was passed on, which product it asks about."""
    reply_to = identifier(context.get("id"))
    if reply_to is not None and reply_to != NO_MESSAGE:
        message["reply_to"] = reply_to
    message["forwarded"] = bool(context.get("forwarded") or context.get("frequently_forwarded"))
    if product := mapping(context.get("referred_product")):
        part["data"] = {"product": product}


def delivery(item: Item, received_at: datetime) -> Wire:
    body = item.body
    data: Wire = {
        "external_id": required(body.get("id")),
        "status": body["status"],
        "recipient": people.recipient(body, item.contacts),
    }
    if client_ref := identifier(body.get("biz_opaque_callback_data")):
        data["client_ref"] = client_ref
    if problem := _problem(body.get("errors")):
        data["problem"] = problem
    return _event(DELIVERY, item, received_at, data)


def unsupported(item: Item, received_at: datetime, why: Why = "unknown_kind") -> Wire:
    """The item as it came; with a person it is shown in their conversation."""
    body = mapping(item.body)
    data: Wire = {
        "kind": item.kind,
        "raw": raw(item.body).decode(),
        "why": "malformed" if item.kind.endswith(MALFORMED) else why,
    }
    if item.kind.startswith(MESSAGES) and (external_id := identifier(body.get("id"))):
        data["external_id"] = external_id
    if item.kind.startswith(CONVERSING) and (contact := people.writer(body, item.contacts)):
        data["contact"] = contact
    if group_id := identifier(body.get("group_id")):
        data["group_id"] = group_id
    return _event(UNSUPPORTED, item, received_at, data)


NORMALIZERS: dict[str, Callable[[Item, datetime], Wire]] = {
    "message.text": text_message,
    "status.sent": delivery,
    "status.delivered": delivery,
    "status.read": delivery,
    "status.played": delivery,
    "status.failed": delivery,
}


def _event(kind: str, item: Item, received_at: datetime, data: Wire) -> Wire:
    account = item.account or ""
    stamp = item.body.get("timestamp") if isinstance(item.body, dict) else None
    return {
        "specversion": "1.0",
        "id": _event_id(item, account),
        "source": _source(account),
        "time": time_of(stamp) or time_of(item.entry_time) or events.rfc3339(received_at),
        "datacontenttype": "application/json",
        "channel": CHANNEL,
        "account": account,
        "normalizer": NORMALIZER,
        "type": kind,
        "data": data,
    }


@lru_cache(maxsize=1024)
def _source(account: str) -> str:
    return events.source(CHANNEL, account)


def _event_id(item: Item, account: str) -> str:
    """The same fact has the same id, however it arrives and whatever is made of it.

    A message is its id, a status its message's id and the status, in a group the participant too.
    The rest is a hash of the item, and of the entry's time, without which next month's restriction
    of the account would be a repeat of this month's.
    """
    body = mapping(item.body)
    external_id = identifier(body.get("id"))
    if external_id and item.kind.startswith(MESSAGES):
        return event_id(CHANNEL, account, "message", external_id)
    if external_id and item.kind.startswith(STATUSES):
        status = item.kind.rpartition(".")[2]
        participant = people.participant(body)
        state = f"{status}:{participant}" if participant else status
        return event_id(CHANNEL, account, "status", external_id, state)
    return item_id(CHANNEL, account, item.kind, raw([item.body, item.entry_time]))


def _problem(errors: Any) -> Wire | None:
    """The first error of a status, as the table of Graph's codes judges it.

    The table's sentences on passing trouble promise another try, which nobody makes of a message
    that failed after it was sent: there, and for codes not in the table, Meta's own words stand.
    """
    error = mapping(errors[0]) if isinstance(errors, list) and errors else {}
    code = identifier(error.get("code"))
    if code is None:
        return None
    known = taxonomy.rule(int(code)) if code.isascii() and code.isdigit() else None
    rule = known or taxonomy.RULES["unknown"]
    theirs = error.get("title") or error.get("message")
    sentence = rule.sentence
    if (known is None or rule.retry) and isinstance(theirs, str):
        sentence = f"Meta says: {theirs[:MAX_SENTENCE]}"
    return {"kind": rule.kind, "message": sentence, "code": code, "retryable": rule.retry}
