"""What is done to a message that exists: a reaction, an edit, a revocation. Used by items.py.

Each comes under an id of its own and names the message it is about, which may arrive later.
"""

from typing import Any

from adapter.fields import Unknown, Wire, identifier, mapping, required
from adapter.items import DELETION, EDIT, REACTION, Made
from ingest_whatsapp.normalize.content import CONTENT


def reaction(body: dict[str, Any], contact: Wire, direction: str) -> Made:
    """A removal has an empty emoji, or none. Outbound: made in the business' own app."""
    said = mapping(body.get("reaction"))
    data: Wire = {"external_id": required(said.get("message_id")), "contact": contact}
    if direction == "outbound":
        data["direction"] = direction
    if emoji := identifier(said.get("emoji")):
        data["emoji"] = emoji
    return Made(REACTION, data)


def edit(body: dict[str, Any], contact: Wire, _direction: str) -> Made:
    """New content for `original_message_id`, written as a message of any type."""
    edited = mapping(body.get("edit"))
    message = mapping(edited.get("message"))
    kind = message.get("type") or next((key for key in CONTENT if key in message), None)
    content = CONTENT.get(str(kind))
    if content is None:
        raise Unknown
    external_id = required(edited.get("original_message_id"))
    return Made(EDIT, {"external_id": external_id, "contact": contact, "parts": content(message)})


def revoke(body: dict[str, Any], contact: Wire, _direction: str) -> Made:
    """The writer took `original_message_id` back."""
    external_id = required(mapping(body.get("revoke")).get("original_message_id"))
    return Made(DELETION, {"external_id": external_id, "contact": contact})
