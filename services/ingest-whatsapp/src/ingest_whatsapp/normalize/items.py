"""WhatsApp's table of kinds: one function makes an event of one kind of item.

What stands in TABLE is understood; the rest is kept raw (adapter.items). Used by adapter.bodies
and, for what was kept raw before an upgrade, by adapter.renormalize.
"""

from collections.abc import Mapping
from typing import Any

from adapter.fields import Malformed, Wire, identifier, mapping, raw, required
from adapter.items import DELIVERY, MESSAGE, Item, Kinds, Made, Make
from contracts.ids import event_id, item_id
from ingest_whatsapp.normalize import people
from ingest_whatsapp.payloads import CHANNEL
from metagraph import taxonomy

VERSION = 2
"""Raised whenever this table understands more; inbox-core then replaces unsupported rows."""

CONVERSING = ("message.", "standby.message.")
"""Kinds whose writer is the contact: unsupported ones are shown in the conversation."""
MESSAGES = (*CONVERSING, "echo.", "standby.echo.")
"""Kinds whose `id` names a message for ever, whatever is made of it."""
STATUSES = ("status.", "standby.status.")

MAX_SENTENCE = 300
NO_MESSAGE = "M0"
"""A context id that names nothing."""


def text_message(item: Item) -> Made:
    body = item.body
    text = mapping(body.get("text")).get("body")
    contact = people.writer(body, _contacts(item))
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
    return Made(MESSAGE, message)


def _in_context(message: Wire, part: Wire, context: dict[str, Any]) -> None:
    """What a message answers, whether it was passed on, which product it asks about."""
    reply_to = identifier(context.get("id"))
    if reply_to is not None and reply_to != NO_MESSAGE:
        message["reply_to"] = reply_to
    message["forwarded"] = bool(context.get("forwarded") or context.get("frequently_forwarded"))
    if product := mapping(context.get("referred_product")):
        part["data"] = {"product": product}


def delivery(item: Item) -> Made:
    body = item.body
    data: Wire = {
        "external_id": required(body.get("id")),
        "status": body["status"],
        "recipient": people.recipient(body, _contacts(item)),
    }
    if client_ref := identifier(body.get("biz_opaque_callback_data")):
        data["client_ref"] = client_ref
    if problem := _problem(body.get("errors")):
        data["problem"] = problem
    return Made(DELIVERY, data)


def described(item: Item) -> Wire:
    """What an unsupported event may say of its item: who wrote it, under which id."""
    body, said = mapping(item.body), Wire()
    if item.kind.startswith(MESSAGES) and (external_id := identifier(body.get("id"))):
        said["external_id"] = external_id
    if item.kind.startswith(CONVERSING) and (contact := people.writer(body, _contacts(item))):
        said["contact"] = contact
    if group_id := identifier(body.get("group_id")):
        said["group_id"] = group_id
    return said


def kept(item: Item) -> Wire | None:
    """Of the value around an item: its metadata, and the contact it names."""
    beside = mapping(item.beside)
    entry = people.entry_of(mapping(item.body), beside.get("contacts"))
    found = {"metadata": beside.get("metadata"), "contacts": [entry] if entry else None}
    return {key: value for key, value in found.items() if value} or None


def _contacts(item: Item) -> Any:
    return item.beside.get("contacts") if isinstance(item.beside, dict) else None


TABLE: Mapping[str, Make] = {
    "message.text": text_message,
    "status.sent": delivery,
    "status.delivered": delivery,
    "status.read": delivery,
    "status.played": delivery,
    "status.failed": delivery,
}


def name_of(item: Item, account: str) -> str:
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


KINDS = Kinds(CHANNEL, VERSION, TABLE, name_of, described, kept)
