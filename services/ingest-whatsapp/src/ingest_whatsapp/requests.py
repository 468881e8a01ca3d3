"""Pure: a command becomes the body of `POST /<phone number>/messages`. Called by deliver.py.

Our command id travels in `biz_opaque_callback_data`: Meta repeats it in every status, which
resolves a call whose answer got lost. PARTS is the table of what can be sent; what it has no row
for goes as `platform`, which is a message as Meta's reference "Messages" writes it.
"""

import re
from collections.abc import Callable, Collection
from typing import Any

from adapter.deliver.call import (
    Handed,
    addressee,
    given,
    needed,
    refused,
    rows,
    words,
)
from contracts.commands import ActionCommand, SendCommand
from contracts.parts import Alias, Part

Body = dict[str, Any]

PRODUCT: Body = {"messaging_product": "whatsapp"}

RECIPIENTS: dict[str, str] = {
    "phone": "to",
    "wa_id": "to",
    "bsuid": "recipient",
    "group": "to",
}
"""kind of alias → the field Meta takes it in. Addresses are sent as they came, never rewritten."""

RESERVED = frozenset(
    {
        "messaging_product",
        "to",
        "recipient",
        "recipient_type",
        "biz_opaque_callback_data",
        "status",
    }
)
"""What a message in the platform's own form may not say: whom it goes to is the command's."""

_WORD = re.compile(r"[a-z][a-z_]{0,63}")


def request_of(command: SendCommand, file: Handed | None = None) -> Body:
    """The body of the call. `file` is that of a part with media. Raises CannotSend."""
    send = command.data
    make = PARTS.get(send.part.kind)
    if make is None:
        raise refused(f"WhatsApp messages of kind {send.part.kind} cannot be sent yet.")
    body = {
        **PRODUCT,
        **recipient(send.to),
        **make(send.part, file),
        "biz_opaque_callback_data": command.id,
    }
    if send.reply_to:
        body["context"] = {"message_id": send.reply_to}
    return body


def reaction_of(command: ActionCommand) -> Body:
    """A reaction is a message of its own; an empty emoji takes it back. Raises CannotSend.

    It has statuses too: by our id in them they are told from those of messages.
    """
    action = command.data
    emoji = action.emoji if action.action == "react" else ""
    if not action.external_id or emoji is None:
        raise refused("A reaction names a message and an emoji.")
    reaction = {"message_id": action.external_id, "emoji": emoji}
    body = {**PRODUCT, **recipient(action.to), "type": "reaction", "reaction": reaction}
    return {**body, "biz_opaque_callback_data": command.id}


def read_of(message_id: str, *, typing: bool = False) -> Body:
    """Marks a message and all before it read; with `typing` it also says that somebody writes."""
    indicator: Body = {"typing_indicator": {"type": "text"}} if typing else {}
    return {**PRODUCT, "status": "read", "message_id": message_id, **indicator}


def recipient(aliases: Collection[Alias]) -> Body:
    """Whom a body goes to. Raises CannotSend."""
    alias = addressee(aliases, RECIPIENTS)
    kind = "group" if alias.kind == "group" else "individual"
    return {"recipient_type": kind, RECIPIENTS[alias.kind]: alias.value}


def _text(part: Part, _file: Handed | None) -> Body:
    preview = bool((part.data or {}).get("preview_url"))
    return {"type": "text", "text": {"body": words(part), "preview_url": preview}}


def _file(part: Part, file: Handed | None) -> Body:
    """image, video, audio, document, sticker: by the id of an upload, or by a link."""
    if file is None:
        raise refused("The message has no file.")
    media = part.media
    fields = given(id=file.id, link=file.link)
    if part.kind in CAPTIONED:
        fields |= given(caption=part.text)
    elif part.text:
        raise refused(f"WhatsApp shows no words with a message of kind {part.kind}.")
    if part.kind == "document":
        fields |= given(filename=media.filename if media else None)
    if part.kind == "audio" and (part.data or {}).get("voice"):
        fields["voice"] = True
    return {"type": part.kind, part.kind: fields}


def _location(part: Part, _file: Handed | None) -> Body:
    data = needed(part, "latitude", "longitude")
    place = given(name=data.get("name"), address=data.get("address"))
    coordinates = {"latitude": data["latitude"], "longitude": data["longitude"]}
    return {"type": "location", "location": {**coordinates, **place}}


def _contacts(part: Part, _file: Handed | None) -> Body:
    cards = [_card(card) for card in rows(needed(part, "contacts")["contacts"])]
    return {"type": "contacts", "contacts": cards}


def _card(card: Any) -> Body:
    """Plain fields in Meta's form; what is in that form already stays."""
    name, org = card.get("name"), card.get("org")
    if not name:
        raise refused("A contact has no name.")
    fields = dict(card)
    if isinstance(name, str):  # Meta wants one name beside the formatted one
        fields["name"] = {"formatted_name": name, "first_name": name}
    if isinstance(org, str):
        fields["org"] = {"company": org}
    if "emails" in fields:
        fields["emails"] = [
            {"email": email} if isinstance(email, str) else email for email in fields["emails"]
        ]
    return fields


def _interactive(kind: str, part: Part, action: Body) -> Body:
    """The words, the frame around them, and what can be pressed."""
    data = part.data or {}
    interactive: Body = {"type": kind, "body": {"text": words(part)}, "action": action}
    if data.get("header"):
        interactive["header"] = {"type": "text", "text": data["header"]}
    if data.get("footer"):
        interactive["footer"] = {"text": data["footer"]}
    return {"type": "interactive", "interactive": interactive}


def _buttons(part: Part, _file: Handed | None) -> Body:
    buttons = [
        {"type": "reply", "reply": {"id": button["id"], "title": button["title"]}}
        for button in rows(needed(part, "buttons")["buttons"], "id", "title")
    ]
    return _interactive("button", part, {"buttons": buttons})


def _list(part: Part, _file: Handed | None) -> Body:
    data = needed(part, "button", "sections")
    sections = [
        {
            **given(title=section.get("title")),
            "rows": [
                {
                    "id": row["id"],
                    "title": row["title"],
                    **given(description=row.get("description")),
                }
                for row in rows(section.get("rows"), "id", "title")
            ],
        }
        for section in rows(data["sections"])
    ]
    return _interactive("list", part, {"button": data["button"], "sections": sections})


def _link_button(part: Part, _file: Handed | None) -> Body:
    data = needed(part, "title", "url")
    parameters = {"display_text": data["title"], "url": data["url"]}
    return _interactive("cta_url", part, {"name": "cta_url", "parameters": parameters})


def _template(part: Part, _file: Handed | None) -> Body:
    data = needed(part, "name", "language")
    language = data["language"]
    template = {
        "name": data["name"],
        "language": {"code": language} if isinstance(language, str) else language,
        **given(components=data.get("components") or None),
    }
    return {"type": "template", "template": template}


def _platform(part: Part, _file: Handed | None) -> Body:
    """Meta's own object: its type, and under that name its fields. Nothing is looked into."""
    data = part.data or {}
    kind = data.get("type")
    if not isinstance(kind, str) or not _WORD.fullmatch(kind):
        raise refused("The message does not say its type.")
    if not data.get(kind):
        raise refused(f"The message is of type {kind} and has no field of that name.")
    if taken := sorted(RESERVED & data.keys()):
        raise refused(f"The message may not have the fields: {', '.join(taken)}.")
    return dict(data)


CAPTIONED = frozenset({"image", "video", "document"})

PARTS: dict[str, Callable[[Part, Handed | None], Body]] = {
    "text": _text,
    "image": _file,
    "video": _file,
    "audio": _file,
    "document": _file,
    "sticker": _file,
    "location": _location,
    "contacts": _contacts,
    "buttons": _buttons,
    "list": _list,
    "link_button": _link_button,
    "template": _template,
    "platform": _platform,
}
"""kind of part → its fields of the body."""
