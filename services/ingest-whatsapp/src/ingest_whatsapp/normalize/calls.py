"""Calls: they ring as a message, and what became of them is an edit of it. Used by items.py.

Ringing, answer and end come as items of the same call id, in any order.
"""

from collections.abc import Callable, Mapping
from typing import Any

from adapter.fields import Malformed, Unknown, Wire, identifier, mapping, number, required
from adapter.items import EDIT, MESSAGE, Item, Made
from ingest_whatsapp.normalize import people
from ingest_whatsapp.normalize.files import file_of
from ingest_whatsapp.normalize.lanes import contacts_of, written_here

OUTBOUND = "BUSINESS_INITIATED"
INBOUND = "USER_INITIATED"
STATES: Mapping[str, str] = {
    "RINGING": "ringing",
    "ACCEPTED": "connected",
    "REJECTED": "rejected",
    "FAILED": "missed",
}
"""What a person we call does with it, or their network."""
PAYLOADS = ("cta_payload", "deeplink_payload")
"""What the business gave the button or the link by which it was called."""
KEPT = ("call_recording", "call_transcript")


def call(item: Item) -> Made:
    """By `event`: it rings, it is over, or what was said is there to read or hear."""
    make = EVENTS.get(str(item.body.get("event")))
    if make is None:
        raise Unknown
    return make(item)


def _rings(item: Item) -> Made:
    direction = direction_of(item)
    message = _message(item, direction, required(item.body.get("id")))
    message["parts"] = [_part(direction, "ringing")]
    if followed := {key: item.body[key] for key in PAYLOADS if identifier(item.body.get(key))}:
        message["referral"] = followed
    return Made(MESSAGE, message)


def _over(item: Item) -> Made:
    part = _part(direction_of(item), _end(item.body))
    if (duration := number(item.body.get("duration"))) is not None:
        part["data"]["duration_s"] = duration
    return _edit(item, part)


def _kept(item: Item) -> Made:
    """A recording or a transcript: a file of its own, in answer to the call."""
    call_id = required(item.body.get("id"))
    for key in KEPT:
        holder = mapping(item.body.get(key))
        for kind in ("audio", "document"):
            if kind in holder:
                message = _message(item, direction_of(item), f"event:{key}:{call_id}")
                parts = file_of(kind)(holder)
                return Made(MESSAGE, message | {"parts": parts, "reply_to": call_id})
    raise Malformed


def _message(item: Item, direction: str, external_id: str) -> Wire:
    contact = people.person(item.body, other_side(direction), contacts_of(item))
    return {"external_id": external_id, "direction": direction, "contact": contact}


def call_status(item: Item) -> Made:
    """Of a call of ours: the person's phone rings, they took it, or they would not."""
    state = STATES.get(str(item.body.get("status")).upper())
    if state is None:
        raise Unknown
    return _edit(item, _part("outbound", state))


def direction_of(item: Item) -> str:
    """Who called: WhatsApp says so since 2025, else the number that called does."""
    said = mapping(item.body).get("direction")
    outbound = said == OUTBOUND or (said != INBOUND and written_here(item, unsaid=False))
    return "outbound" if outbound else "inbound"


def other_side(direction: str) -> people.Rows:
    """Where the person of a call stands."""
    return people.ADDRESSEE if direction == "outbound" else people.WRITER


def _end(body: dict[str, Any]) -> str:
    """Nobody spoke: no duration, and no moment when the call began."""
    return "ended" if number(body.get("duration")) or body.get("start_time") else "missed"


def _edit(item: Item, part: Wire) -> Made:
    return Made(EDIT, {"external_id": required(item.body.get("id")), "parts": [part]})


def _part(direction: str, state: str) -> Wire:
    return {"kind": "call", "data": {"direction": direction, "state": state}}


EVENTS: Mapping[str, Callable[[Item], Made]] = {
    "call_created": _rings,
    "connect": _rings,
    "terminate": _over,
    "call_recording_available": _kept,
    "call_transcription_available": _kept,
}
