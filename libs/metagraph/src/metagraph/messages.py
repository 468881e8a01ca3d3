"""Sending: messages, and the small actions around them. Part of GraphClient.

WhatsApp's messages and actions go to `/{phone number}/messages`, those of Messenger and Instagram
to `/me/messages`, where the token says who `me` is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from metagraph.calls import Calls
from metagraph.reading import object_of, objects, text

ME = "me"
"""The account of the token."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom Meta understood `input` to be; what it does not tell is None."""

    input: str | None
    wa_id: str | None
    user_id: str | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message WhatsApp accepted. What becomes of it arrives later, in status webhooks."""

    message_id: str
    contacts: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True)
class SentToPage:
    """A message Messenger or Instagram accepted. `recipient_id`: None when Meta did not say."""

    message_id: str
    recipient_id: str | None


class Messages(Calls):
    """What is sent."""

    async def send_message(self, phone_number_id: str, token: str, body: Mapping[str, Any]) -> Sent:
        """Send a WhatsApp message: `body` as in Meta's "Messages" reference.

        Raises NotSent, or Ambiguous when Meta may have accepted it.
        """
        return await self.post("send", (phone_number_id, "messages"), token, body, read=_sent)

    async def send_page_message(
        self, token: str, body: Mapping[str, Any], *, node: str = ME
    ) -> SentToPage:
        """Send a Messenger or Instagram message: `body` as in the "Send API" reference.

        Raises NotSent, or Ambiguous when Meta may have accepted it.
        """
        return await self.post("send", (node, "messages"), token, body, read=_sent_to_page)

    async def post_action(self, node: str, token: str, body: Mapping[str, Any]) -> None:
        """Read, typing, react or unreact: what may be done twice. Raises NotSent, never Ambiguous.

        WhatsApp: `{"messaging_product", "status": "read", "message_id", "typing_indicator"?}` to
        the phone number's node. Messenger and Instagram: `{"recipient", "sender_action", …}` to ME.
        """
        path = (node, "messages")
        await self.post("action", path, token, body, read=done, harmless=True)


def done(answer: Any) -> dict[str, Any] | None:
    """An answer that does not deny success: `{"success": true}`, or `{"recipient_id"}`."""
    found = object_of(answer)
    return None if found is None or found.get("success") is False else found


def _sent(answer: Any) -> Sent | None:
    """`{"messages": [{"id": …}], "contacts": [{"input", "wa_id"?, "user_id"?}]}`."""
    messages = objects(answer, "messages")
    message_id = text(messages[0], "id") if messages else None
    if message_id is None:
        return None
    contacts = tuple(
        Recipient(text(one, "input"), text(one, "wa_id"), text(one, "user_id"))
        for one in objects(answer, "contacts")
    )
    return Sent(message_id, contacts)


def _sent_to_page(answer: Any) -> SentToPage | None:
    """`{"recipient_id"?, "message_id"}`."""
    message_id = text(answer, "message_id")
    return None if message_id is None else SentToPage(message_id, text(answer, "recipient_id"))
