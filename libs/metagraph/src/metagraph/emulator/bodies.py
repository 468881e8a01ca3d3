"""Webhook bodies of Meta's shape: entries by business account, changes by phone number.

Pure functions. Used for inbound messages and for statuses; a body holds up to 1000 items and
stays below 3 MB, Meta's own bounds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

import orjson

from metagraph.emulator.names import WHATSAPP, Platform

WABA_ID = "102290129340398"
MAX_ITEMS = 1000
MAX_BODY = 3_000_000
_FRAME = 400
"""Bytes an item may add around itself: an entry and a change of its own."""


@dataclass(frozen=True, slots=True)
class Item:
    """One message or status, where it belongs, and the contact that comes with it."""

    phone_number_id: str
    kind: Literal["messages", "statuses"]
    value: dict[str, Any]
    contact: dict[str, Any] | None = None
    waba_id: str = WABA_ID

    @property
    def object(self) -> Platform:
        """Whose webhook it is."""
        return WHATSAPP

    @property
    def id(self) -> str:
        """The message's."""
        return str(self.value["id"])

    @property
    def weight(self) -> int:
        """Bytes it adds to a body, at most."""
        return len(orjson.dumps(self.value)) + len(orjson.dumps(self.contact)) + _FRAME


class Weighed(Protocol):
    """Something that fills a body."""

    @property
    def weight(self) -> int:
        """Bytes it adds."""
        ...


W = TypeVar("W", bound=Weighed)


def contact(wa_id: str | None, name: str | None, user_id: str | None = None) -> dict[str, Any]:
    """`contacts[]` of an inbound message: what is not known is left out."""
    found: dict[str, Any] = {"profile": {"name": name}} if name is not None else {}
    found |= {"wa_id": wa_id} if wa_id else {}
    return found | ({"user_id": user_id} if user_id else {})


def status(
    wamid: str, name: str, timestamp: int, to: str, ref: str | None, code: int | None = None
) -> dict[str, Any]:
    """`statuses[]` of an accepted message; with `code` its one error."""
    found: dict[str, Any] = {"id": wamid, "status": name, "timestamp": str(timestamp)}
    found["recipient_id" if to.isdecimal() else "recipient_user_id"] = to
    if ref is not None:
        found["biz_opaque_callback_data"] = ref
    if code is not None:
        problem = {"code": code, "title": f"Error {code}", "message": f"Error {code}"}
        found["errors"] = [problem | {"error_data": {"details": "Scripted by the emulator."}}]
    elif name in {"sent", "delivered"}:
        found["pricing"] = {
            "billable": False,
            "pricing_model": "PMP",
            "type": "free_customer_service",
            "category": "service",
        }
    return found


def envelope(items: Sequence[Item]) -> bytes:
    """The body of one POST that carries these items."""
    accounts: dict[str, dict[str, dict[str, Any]]] = {}
    for item in items:
        value = accounts.setdefault(item.waba_id, {}).setdefault(
            item.phone_number_id, _value(item.phone_number_id)
        )
        if item.contact is not None and item.contact not in value.setdefault("contacts", [])[-8:]:
            value["contacts"].append(item.contact)
        value.setdefault(item.kind, []).append(item.value)
    entries = [
        {
            "id": waba_id,
            "changes": [{"value": value, "field": "messages"} for value in numbers.values()],
        }
        for waba_id, numbers in accounts.items()
    ]
    return orjson.dumps({"object": WHATSAPP, "entry": entries})


def packed(items: Sequence[W], per_body: int) -> Iterator[list[W]]:
    """The items in groups that make one body each. Raises ValueError when one alone is too big."""
    group: list[W] = []
    size = 0
    for item in items:
        weight = item.weight
        if weight > MAX_BODY:
            raise ValueError(f"one message alone is larger than {MAX_BODY} bytes")
        if group and (len(group) >= min(per_body, MAX_ITEMS) or size + weight > MAX_BODY):
            yield group
            group, size = [], 0
        group.append(item)
        size += weight
    if group:
        yield group


def _value(phone_number_id: str) -> dict[str, Any]:
    digits = "".join(char for char in phone_number_id if char.isdecimal())[-7:]
    return {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": f"1555{digits:0>7}",
            "phone_number_id": phone_number_id,
        },
    }
