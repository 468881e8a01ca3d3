"""Calls: they ring as a message, and what became of them is an edit of it. Used by items.py.

Ringing, answer and end come as items of the same call id, in any order.
"""

from collections.abc import Mapping
from typing import Any

from adapter.fields import Unknown, Wire, mapping, number, required
from adapter.items import EDIT, MESSAGE, Item, Made
from ingest_whatsapp.normalize import people
from ingest_whatsapp.normalize.lanes import contacts_of, written_here

OUTBOUND = "BUSINESS_INITIATED"
INBOUND = "USER_INITIATED"
STATES: Mapping[str, str] = {
    "RINGING": "ringing",
    "ACCEPTED": "connected",
    "REJECTED": "rejected",
}
"""What a person we call does with it."""


def call(item: Item) -> Made:
    """`event` connect: it rings. terminate: it is over."""
    body = item.body
    event = body.get("event")
    if event == "connect":
        direction = direction_of(item)
        message: Wire = {
            "external_id": required(body.get("id")),
            "direction": direction,
            "contact": people.person(body, other_side(direction), contacts_of(item)),
            "parts": [_part(direction, "ringing")],
        }
        return Made(MESSAGE, message)
    if event == "terminate":
        part = _part(direction_of(item), _end(body))
        if (duration := number(body.get("duration"))) is not None:
            part["data"]["duration_s"] = duration
        return _edit(item, part)
    raise Unknown


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
