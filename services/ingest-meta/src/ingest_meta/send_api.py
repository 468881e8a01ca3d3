"""Pure: the Send API as Messenger and Instagram share it. Used by each channel's requests.py.

A channel's requests.py holds its own: whom it can write to, and how it names what was uploaded.
The rest stands here. Source: Meta's references "Send API" and "Sender Actions".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapter.deliver.call import Handed, addressee, needed, refused, rows, words
from contracts.commands import ActionCommand, SendCommand
from contracts.parts import Part
from metagraph.media import Attachment

Body = dict[str, Any]
Make = Callable[[Part], Body]
"""Makes the `message` of a part. Raises CannotSend."""
ById = Callable[[str, str], Body]
"""(kind, id) → the attachment that names an uploaded file."""

ATTACHMENTS: Mapping[str, Attachment] = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "document": "file",
    "sticker": "image",
}
"""kind of part → what the platforms call such a file."""

SENDER_ACTIONS: Mapping[str, str] = {
    "read": "mark_seen",
    "typing_on": "typing_on",
    "typing_off": "typing_off",
    "react": "react",
    "unreact": "unreact",
}
"""action → what the platforms call it. Each goes in a request of its own."""

TAGGED: Mapping[str, Body] = {
    "human_agent": {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"},
}
UNTAGGED: Body = {"messaging_type": "RESPONSE"}
UTILITY: Body = {"messaging_type": "UTILITY"}
"""Of a message made from a template that Meta approved."""

CONTENTS = frozenset({"text", "attachment", "attachments", "template", "dynamic_text"})
"""A message in the platform's own form has one of these."""


@dataclass(frozen=True)
class Tables:
    """A channel's own. `recipients`: kind of alias → the field it goes into."""

    name: str
    recipients: Mapping[str, str]
    by_id: ById
    reactions: Mapping[str, str] = field(default_factory=dict)
    """emoji → the platform's word for it; others go as they are."""


def request_of(tables: Tables, command: SendCommand, file: Handed | None) -> Body:
    """The body of `POST /me/messages`. Raises CannotSend.

    Our command id travels in `metadata`, which the platform repeats in the message's echo.
    """
    send = command.data
    kind = send.part.kind
    if kind in ATTACHMENTS:
        message = attachment(send.part, file, tables.by_id)
    elif kind in PARTS:
        message = PARTS[kind](send.part)
    else:
        raise refused(f"{tables.name} messages of kind {kind} cannot be sent yet.")
    manner = TAGGED[send.tag] if send.tag else UNTAGGED
    body = {
        "recipient": _recipient(tables, command),
        **(UTILITY if "template" in message else manner),
        "message": {**message, "metadata": command.id},
    }
    if send.reply_to:
        body["reply_to"] = {"mid": send.reply_to}
    return body


def action_of(tables: Tables, command: ActionCommand) -> Body:
    """The body of an action. Raises CannotSend."""
    action = command.data
    body: Body = {
        "recipient": _recipient(tables, command),
        "sender_action": SENDER_ACTIONS[action.action],
    }
    if action.action in {"react", "unreact"}:
        if not action.external_id:
            raise refused("A reaction names a message.")
        body["payload"] = {"message_id": action.external_id}
    if action.action == "react":
        if not action.emoji:
            raise refused("A reaction names an emoji.")
        body["payload"]["reaction"] = tables.reactions.get(action.emoji, action.emoji)
    return body


def _recipient(tables: Tables, command: SendCommand | ActionCommand) -> Body:
    alias = addressee(command.data.to, tables.recipients)
    return {tables.recipients[alias.kind]: alias.value}


def attachment(part: Part, file: Handed | None, by_id: ById) -> Body:
    """A file, by its id or a link. Words go in a message of their own."""
    if file is None:
        raise refused("The message has no file.")
    if part.text:
        raise refused("A file goes without words here.")
    kind = ATTACHMENTS[part.kind]
    if file.id is not None:
        return {"attachment": by_id(kind, file.id)}
    return {"attachment": {"type": kind, "payload": {"url": file.link}}}


def text(part: Part) -> Body:
    return {"text": words(part)}


def quick_replies(part: Part) -> Body:
    replies = [
        {"content_type": "text", "title": button["title"], "payload": button["id"]}
        for button in rows(needed(part, "buttons")["buttons"], "id", "title")
    ]
    return {"text": words(part), "quick_replies": replies}


def link_button(part: Part) -> Body:
    data = needed(part, "title", "url")
    button = {"type": "web_url", "url": data["url"], "title": data["title"]}
    return _template({"template_type": "button", "text": words(part), "buttons": [button]})


def template(part: Part) -> Body:
    """generic, button, media, …: the payload as the platform documents it."""
    return _template(dict(needed(part, "template_type")))


def platform(part: Part) -> Body:
    """The `message` as the platform documents it. Nothing is looked into."""
    data = part.data or {}
    if not CONTENTS & data.keys():
        raise refused(f"The message has none of: {', '.join(sorted(CONTENTS))}.")
    if "metadata" in data:
        raise refused("The message may not have the field: metadata.")
    return dict(data)


def _template(payload: Body) -> Body:
    return {"attachment": {"type": "template", "payload": payload}}


PARTS: Mapping[str, Make] = {
    "text": text,
    "buttons": quick_replies,
    "link_button": link_button,
    "template": template,
    "platform": platform,
}
"""kind of part → its maker; those of ATTACHMENTS are files."""
