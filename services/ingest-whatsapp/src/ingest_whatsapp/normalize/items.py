"""The table of kinds: one function makes an event of one kind of item. Used by bodies.py.

What stands in NORMALIZERS is understood; everything else becomes an Unsupported event with its
JSON text, so that a later version of this table can make more of it: an event keeps its id
whatever is made of it, and carries the number of the version that made it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, TypedDict, cast

from contracts.events import (
    Delivery,
    DeliveryEvent,
    DeliveryStatus,
    Event,
    Message,
    MessageEvent,
    Unsupported,
    UnsupportedEvent,
    source,
)
from contracts.ids import event_id, item_id
from contracts.parts import Part, Problem
from ingest_whatsapp.normalize import people
from ingest_whatsapp.normalize.fields import Malformed, identifier, mapping, moment, raw, required
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


class Attributes(TypedDict):
    """The CloudEvents attributes of an item's event."""

    id: str
    source: str
    time: datetime
    channel: str
    account: str
    normalizer: int


def normalize(item: Item, received_at: datetime) -> Event:
    """The event of one item of a known account.

    `received_at` is its time only where the platform gave none. Raises ValueError when the item
    lacks what its kind needs, and Unwritable when it cannot even be kept raw.
    """
    make = NORMALIZERS.get(item.kind, unsupported)
    return make(item, received_at)


def text_message(item: Item, received_at: datetime) -> MessageEvent:
    body = item.body
    text = mapping(body.get("text")).get("body")
    contact = people.writer(body, item.contacts)
    if contact is None or not isinstance(text, str):
        raise Malformed
    context = mapping(body.get("context"))
    reply_to = identifier(context.get("id"))
    product = mapping(context.get("referred_product"))
    message = Message(
        external_id=required(body.get("id")),
        contact=contact,
        group_id=identifier(body.get("group_id")),
        parts=(Part(kind="text", text=text, data={"product": product} if product else None),),
        reply_to=None if reply_to == NO_MESSAGE else reply_to,
        forwarded=bool(context.get("forwarded") or context.get("frequently_forwarded")),
        referral=mapping(body.get("referral")) or None,
    )
    return MessageEvent(**_attributes(item, received_at), data=message)


def delivery(item: Item, received_at: datetime) -> DeliveryEvent:
    body = item.body
    data = Delivery(
        external_id=required(body.get("id")),
        status=cast("DeliveryStatus", body["status"]),
        client_ref=identifier(body.get("biz_opaque_callback_data")),
        recipient=people.recipient(body, item.contacts),
        problem=_problem(body.get("errors")),
    )
    return DeliveryEvent(**_attributes(item, received_at), data=data)


def unsupported(item: Item, received_at: datetime, why: Why = "unknown_kind") -> UnsupportedEvent:
    """The item as it came; with a person it is shown in their conversation."""
    body = mapping(item.body)
    data = Unsupported(
        kind=item.kind,
        raw=raw(item.body).decode(),
        why="malformed" if item.kind.endswith(MALFORMED) else why,
        external_id=identifier(body.get("id")) if item.kind.startswith(MESSAGES) else None,
        contact=people.writer(body, item.contacts) if item.kind.startswith(CONVERSING) else None,
        group_id=identifier(body.get("group_id")),
    )
    return UnsupportedEvent(**_attributes(item, received_at), data=data)


NORMALIZERS: dict[str, Callable[[Item, datetime], Event]] = {
    "message.text": text_message,
    "status.sent": delivery,
    "status.delivered": delivery,
    "status.read": delivery,
    "status.played": delivery,
    "status.failed": delivery,
}


def _attributes(item: Item, received_at: datetime) -> Attributes:
    account = item.account or ""
    stamp = item.body.get("timestamp") if isinstance(item.body, dict) else None
    return {
        "id": _event_id(item, account),
        "source": source(CHANNEL, account),
        "time": moment(stamp) or moment(item.entry_time) or received_at,
        "channel": CHANNEL,
        "account": account,
        "normalizer": NORMALIZER,
    }


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


def _problem(errors: Any) -> Problem | None:
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
    return Problem(kind=rule.kind, message=sentence, code=code, retryable=rule.retry)
