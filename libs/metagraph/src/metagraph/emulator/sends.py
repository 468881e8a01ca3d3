"""What Graph demands of `POST /{phone number}/messages`, as far as the emulator checks it.

Pure. `read` makes a checked send of a body, or raises Refused with the code Graph would answer.
"""

from dataclasses import dataclass
from typing import Any

from metagraph.emulator.ledger import About
from metagraph.emulator.limits import Limit, Refused, at, check
from metagraph.emulator.media import Files
from metagraph.emulator.script import Call

REF_LIMIT = 512
MAX_ROWS = 10
FILES = frozenset({"image", "video", "audio", "document", "sticker"})
TYPES = FILES | {"text", "location", "contacts", "interactive", "template", "reaction"}
NEEDS: dict[str, tuple[str, ...]] = {
    "text": ("text.body",),
    "template": ("template.name", "template.language.code"),
    "interactive": ("interactive.type", "interactive.action"),
    "location": ("location.latitude", "location.longitude"),
    "reaction": ("reaction.message_id",),
}
"""What each type must hold, all of it as text or number, none of it empty."""

LIMITS = (
    Limit("text.body", 4096, 100),
    *(Limit(f"{kind}.caption", 1024) for kind in ("image", "video", "document")),
    Limit("interactive.header.text", 60),
    Limit("interactive.body.text", 4096),
    Limit("interactive.footer.text", 60),
    Limit("interactive.action.button", 20),
    Limit("interactive.action.buttons", 3),
    Limit("interactive.action.buttons[].reply.id", 256),
    Limit("interactive.action.buttons[].reply.title", 20),
    Limit("interactive.action.sections", 10),
    Limit("interactive.action.sections[].title", 24),
    Limit("interactive.action.sections[].rows[].id", 200),
    Limit("interactive.action.sections[].rows[].title", 24),
    Limit("interactive.action.sections[].rows[].description", 72),
    Limit("template.name", 512),
)
WITH_BUTTONS = (Limit("interactive.body.text", 1024),)
WORDS = (
    "text.body", "image.caption", "video.caption", "document.caption", "interactive.body.text",
    "template.name", "reaction.emoji",
)  # fmt: skip
"""Where a person would read something, in order of preference."""


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
    _check_content(kind, body)
    ref = body.get("biz_opaque_callback_data")
    if ref is not None and (not isinstance(ref, str) or len(ref) > REF_LIMIT):
        raise Refused(100, f"biz_opaque_callback_data holds at most {REF_LIMIT} characters.")
    return Send(Call(phone_number_id, _address(body, given), kind, ref), given, body)


def about(send: Send, files: Files) -> About:
    """What the ledger says of a send."""
    kind = send.call.type
    words = next((one for path in WORDS for one in at(send.body, path)), None)
    number = next(at(send.body, f"{kind}.id"), None) if kind in FILES else None
    file = files.get(number) if isinstance(number, str) else None
    return About(kind, words if isinstance(words, str) else None, file.sha256 if file else None)


def _receipt(phone_number_id: str, body: dict[str, Any]) -> Send:
    wamid = body.get("message_id")
    if not isinstance(wamid, str) or not wamid:
        raise Refused(100, "The parameter message_id is required.")
    return Send(Call(phone_number_id, "", "receipt", None, shy=True), "", body)


def _address(body: dict[str, Any], given: str) -> str:
    """A phone number as digits; `to` is always one, `recipient` a business-scoped id."""
    if not body.get("to"):
        return given
    digits = given.removeprefix("+")
    if not digits.isdecimal() or len(digits) > 20:  # noqa: PLR2004 - longer than any number
        raise Refused(131009, "Param to is not a phone number.")
    return digits


def _check_content(kind: str, body: dict[str, Any]) -> None:
    content = body.get(kind)
    if not isinstance(content, dict | list) or not content:
        raise Refused(131008, f"Required parameter is missing: {kind}.")
    numbers = isinstance(content, dict) and kind == "location"
    for path in NEEDS.get(kind, ()):
        found = next(at(body, path), None)
        known = isinstance(found, str | dict) or (numbers and isinstance(found, int | float))
        if not known or found in ("", {}):
            raise Refused(131008, f"Required parameter is missing: {path}.")
    if (
        kind in FILES
        and isinstance(content, dict)
        and not (content.get("id") or content.get("link"))
    ):
        raise Refused(131008, f"Required parameter is missing: {kind}.id or {kind}.link.")
    check(body, LIMITS)
    if next(at(body, "interactive.type"), None) == "button":
        check(body, WITH_BUTTONS)
    if sum(1 for _ in at(body, "interactive.action.sections[].rows[]")) > MAX_ROWS:
        raise Refused(131009, f"A list holds at most {MAX_ROWS} rows.")
