"""The one line of a message that a list row shows: at most 140 characters of plain text."""

from inbox_core.domain.message import Message

MAX_PREVIEW = 140

PREFIX = {"user": "You: ", "ai": "AI: "}
MEDIA = {
    "image": "📎 Photo",
    "video": "📎 Video",
    "audio": "📎 Audio",
    "document": "📎 Document",
    "sticker": "📎 Sticker",
    "location": "📍 Location",
    "contacts": "👤 Contact",
    "order": "🛒 Order",
    "product": "🛍️ Product",
    "call": "📞 Call",
    "call_permission": "📞 Call permission",
    "post": "📎 Shared post",
    "reel": "📎 Shared reel",
    "link": "🔗 Link",
    "story_mention": "📎 Story mention",
    "story_reply": "📎 Story reply",
    "form": "📋 Form",
    "appointment": "📅 Appointment",
    "like": "❤️",
    "choice": "☑️ Choice",
    "buttons": "☑️ Choices",
    "list": "☑️ Choices",
    "link_button": "🔗 Link",
    "template": "📄 Template",
    "platform": "📄 Message",
}
"""What stands for a part without words; of one with words they are shown."""
UNSUPPORTED = "Unsupported message"
DELETED = "Message deleted"


def preview(message: Message) -> str:
    """Who and what, whitespace collapsed."""
    prefix = PREFIX.get(message.author_type, "")
    return (prefix + _line(message))[:MAX_PREVIEW]


def _line(message: Message) -> str:
    if message.deleted_at is not None:
        return DELETED
    if message.kind == "unsupported":
        return UNSUPPORTED
    for part in message.parts:
        if part.get("text"):
            # Cut before collapsing: a megabyte of spaces costs nothing.
            return " ".join(str(part["text"])[: 4 * MAX_PREVIEW].split())
    kind = str(message.parts[0].get("kind")) if message.parts else ""
    return MEDIA.get(kind, UNSUPPORTED)
