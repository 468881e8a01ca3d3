"""What Graph demands of `POST /{phone number}/messages`, as far as the emulator checks it.

Pure. `read` makes a checked send of a body, or raises Refused with the code Graph would answer.
"""

from dataclasses import dataclass
from typing import Any

from metagraph.emulator.script import Call

TEXT_LIMIT = 4096
REF_LIMIT = 512
TYPES = frozenset({
    "text", "image", "video", "audio", "document", "sticker", "location", "contacts",
    "interactive", "template", "reaction",
})  # fmt: skip


class Refused(Exception):
    """Graph's answer to a send it does not take."""

    def __init__(self, code: int, details: str) -> None:
        super().__init__(details)
        self.code = code
        self.details = details


@dataclass(frozen=True, slots=True)
class Send:
    """A send Graph would take. `to` is digits, or a business-scoped id; empty for a receipt."""

    call: Call
    input: str
    body: dict[str, Any]

    @property
    def is_receipt(self) -> bool:
        """A read receipt, with or without the typing indicator: no message of its own."""
        return self.call.type == "receipt"


def read(phone_number_id: str, body: Any) -> Send:
    """The checked send. Raises Refused."""
    if not isinstance(body, dict):
        raise Refused(100, "The body must be a JSON object.")
    if body.get("messaging_product") != "whatsapp":
        raise Refused(100, "The parameter messaging_product is required.")
    if body.get("status") == "read":
        return _receipt(phone_number_id, body)
    given = body.get("to") or body.get("recipient")
    if not isinstance(given, str):
        raise Refused(100, "The parameter to is required.")
    kind = body.get("type", "text")
    if kind not in TYPES:
        raise Refused(100, f"Param type must be one of {sorted(TYPES)}.")
    if not isinstance(body.get(kind), dict | list) or not body[kind]:
        raise Refused(131008, f"Required parameter is missing: {kind}.")
    if kind == "text":
        _check_text(body["text"])
    ref = body.get("biz_opaque_callback_data")
    if ref is not None and (not isinstance(ref, str) or len(ref) > REF_LIMIT):
        raise Refused(100, f"biz_opaque_callback_data holds at most {REF_LIMIT} characters.")
    return Send(Call(phone_number_id, _address(body, given), kind, ref), given, body)


def _receipt(phone_number_id: str, body: dict[str, Any]) -> Send:
    wamid = body.get("message_id")
    if not isinstance(wamid, str) or not wamid:
        raise Refused(100, "The parameter message_id is required.")
    return Send(Call(phone_number_id, "", "receipt", None), "", body)


def _address(body: dict[str, Any], given: str) -> str:
    """A phone number as digits; `to` is always one, `recipient` a business-scoped id."""
    if not body.get("to"):
        return given
    digits = given.removeprefix("+")
    if not digits.isdecimal() or len(digits) > 20:  # noqa: PLR2004 - longer than any number
        raise Refused(131009, "Param to is not a phone number.")
    return digits


def _check_text(text: Any) -> None:
    body = text.get("body") if isinstance(text, dict) else None
    if not isinstance(body, str) or not body:
        raise Refused(131008, "Required parameter is missing: text.body.")
    if len(body) > TEXT_LIMIT:
        raise Refused(100, f"Param text.body must be at most {TEXT_LIMIT} characters long.")
