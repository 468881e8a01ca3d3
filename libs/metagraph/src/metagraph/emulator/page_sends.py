"""What Graph demands of a send for a page or an Instagram account, as far as it is checked.

Pure. `read` makes a checked PageSend of a body, or raises Refused with Graph's code.
"""

from dataclasses import dataclass
from typing import Any

from metagraph.emulator.ledger import About, mark
from metagraph.emulator.limits import Limit, Refused, at, check, utf8
from metagraph.emulator.media import Files
from metagraph.emulator.names import INSTAGRAM, PAGE, Platform
from metagraph.emulator.script import Call

RECIPIENTS = ("id", "user_ref", "comment_id", "post_id", "notification_messages_token")
ACTIONS = frozenset({"typing_on", "typing_off", "mark_seen", "react", "unreact"})
ON_MESSAGE = frozenset({"react", "unreact"})
MESSAGING_TYPES = frozenset({"RESPONSE", "UPDATE", "MESSAGE_TAG", "UTILITY"})
ATTACHMENTS = frozenset({"image", "audio", "video", "file", "template"})
AT_INSTAGRAM = frozenset({"MEDIA_SHARE", "like_heart"})
BOTH = (100, 2018064)
"""A message and an action in one request."""

SHARED = (
    Limit("message.metadata", 1000, 100),
    Limit("message.quick_replies", 13, 100),
    Limit("message.quick_replies[].title", 20, 100),
    Limit("message.quick_replies[].payload", 1000, 100),
)
LIMITS: dict[Platform, tuple[Limit, ...]] = {
    PAGE: (Limit("message.text", 2000, 100), *SHARED),
    INSTAGRAM: (Limit("message.text", 1000, 100, utf8), *SHARED),
}


@dataclass(frozen=True, slots=True)
class PageSend:
    """A send Graph would take. `action` is None for a message; `files` are those it names."""

    call: Call
    platform: Platform
    body: dict[str, Any]
    action: str | None = None

    @property
    def message(self) -> dict[str, Any]:
        """What is said; empty for an action."""
        return self.body.get("message") or {}


def recipient(body: Any) -> str:
    """Whom it is for. Raises Refused."""
    if not isinstance(body, dict):
        raise Refused(100, "The body must be a JSON object.")
    given = body.get("recipient")
    for name in RECIPIENTS:
        found = given.get(name) if isinstance(given, dict) else None
        if isinstance(found, str) and found:
            return found
    raise Refused(100, "The parameter recipient is required.")


def read(platform: Platform, account: str, body: Any, files: Files) -> PageSend:
    """The checked send. Raises Refused."""
    to = recipient(body)
    action = body.get("sender_action")
    if action is not None:
        _check_action(action, body)
        return PageSend(
            Call(account, to, "action", None, platform, shy=True), platform, body, action
        )
    kind = body.get("messaging_type", "RESPONSE")
    if kind not in MESSAGING_TYPES or (kind == "MESSAGE_TAG" and not body.get("tag")):
        raise Refused(100, "Param messaging_type is wrong, or a tag is missing.")
    message = body.get("message")
    if not isinstance(message, dict) or not message:
        raise Refused(100, "The parameter message is required.")
    check(body, LIMITS[platform])
    shape = _shape(platform, message, files)
    return PageSend(Call(account, to, shape, mark(body), platform), platform, body)


def attachments(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The one under `attachment`, or the several Instagram allows."""
    found = message.get("attachments") or message.get("attachment") or []
    listed = found if isinstance(found, list) else [found]
    return [one for one in listed if isinstance(one, dict)]


def file_id(attachment: dict[str, Any]) -> str | None:
    """The id of the upload it names; Instagram calls it `id`."""
    payload = attachment.get("payload")
    if not isinstance(payload, dict):
        return None
    found = payload.get("attachment_id") or payload.get("id")
    return str(found) if found else None


def about(send: PageSend, files: Files) -> About:
    """What the ledger says of a send."""
    words = send.message.get("text") or next(
        at(send.message, "attachment.payload.text"), send.action
    )
    numbers = [file_id(one) for one in attachments(send.message)]
    file = files.get(numbers[0]) if numbers and numbers[0] else None
    digest = file.sha256 if file else None
    return About(send.call.type, words if isinstance(words, str) else None, digest)


def _check_action(action: Any, body: dict[str, Any]) -> None:
    if action not in ACTIONS:
        raise Refused(100, f"Param sender_action must be one of {sorted(ACTIONS)}.")
    if "message" in body:
        raise Refused(BOTH[0], "Cannot send both message and state at the same time.", BOTH[1])
    if action in ON_MESSAGE and not next(at(body, "payload.message_id"), None):
        raise Refused(100, "The parameter payload.message_id is required.")


def _shape(platform: Platform, message: dict[str, Any], files: Files) -> str:
    """`text` or the attachment's type. Text and file never come in one message."""
    text, parts = message.get("text"), attachments(message)
    if (text is None) == (not parts):
        raise Refused(100, "A message holds either text or an attachment.")
    if not parts:
        if not isinstance(text, str) or not text:
            raise Refused(100, "Param message.text must be a non-empty text.")
        return "text"
    for part in parts:
        _check_part(platform, part, files)
    return str(parts[0]["type"])


def _check_part(platform: Platform, part: dict[str, Any], files: Files) -> None:
    kind, payload = part.get("type"), part.get("payload")
    if kind not in ATTACHMENTS and not (platform == INSTAGRAM and kind in AT_INSTAGRAM):
        raise Refused(100, "Param message.attachment.type is wrong.")
    if kind in {"template", "like_heart"}:
        return
    number = file_id(part)
    if number is not None and files.get(number) is None:
        raise Refused(100, "There is no such attachment.", 2018074)
    if number is None and not (isinstance(payload, dict) and payload.get("url")):
        raise Refused(100, "An attachment needs a url or an attachment_id.")
