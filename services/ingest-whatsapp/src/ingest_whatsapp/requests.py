"""Pure: a command becomes the body of `POST /<phone number>/messages`. Called by deliver.py.

Our command id travels in `biz_opaque_callback_data`: Meta repeats it in every status, which
resolves a call whose answer got lost.
"""

from collections.abc import Callable
from typing import Any

from adapter.deliver.sender import CannotSend
from contracts.commands import SendCommand
from contracts.parts import Alias, Part, Problem

RECIPIENTS: dict[str, str] = {
    "phone": "to",
    "wa_id": "to",
    "bsuid": "recipient",
}
"""kind of alias → the field Meta takes it in. Addresses are sent as they came, never rewritten."""


def request_of(command: SendCommand) -> dict[str, Any]:
    """The body of the call. Raises CannotSend."""
    send = command.data
    make = PARTS.get(send.part.kind)
    if make is None:
        raise CannotSend(
            _content(f"WhatsApp messages of kind {send.part.kind} cannot be sent yet.")
        )
    body: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **_recipient(send.to),
        **make(send.part),
        "biz_opaque_callback_data": command.id,
    }
    if send.reply_to:
        body["context"] = {"message_id": send.reply_to}
    return body


def _recipient(aliases: tuple[Alias, ...]) -> dict[str, str]:
    """The first alias that can be written to: it is the one used last."""
    for alias in aliases:
        field = RECIPIENTS.get(alias.kind)
        if field is not None:
            return {field: alias.value}
    raise CannotSend(
        Problem(kind="undeliverable", message="No number or id is known to write to this person.")
    )


def _text(part: Part) -> dict[str, Any]:
    if not part.text:
        raise CannotSend(_content("The message has no text."))
    return {"type": "text", "text": {"body": part.text, "preview_url": False}}


def _content(sentence: str) -> Problem:
    return Problem(kind="content", message=sentence)


PARTS: dict[str, Callable[[Part], dict[str, Any]]] = {
    "text": _text,
}
"""kind of part → its fields of the body."""
