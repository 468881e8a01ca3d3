"""What people do on WhatsApp, as its webhooks tell it. Taken by inbound.py."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from metagraph.emulator import bodies, ids
from metagraph.emulator.media import File
from metagraph.emulator.names import WHATSAPP
from metagraph.emulator.said import Said, Shelf


class InboundMessage(Said):
    """One message to a phone number. `message` holds Meta's own fields for further kinds.

    `from` is a phone number; `user_id` the business-scoped id.
    """

    object: Literal["whatsapp_business_account"] = WHATSAPP
    phone_number_id: str = Field(min_length=1, max_length=64)
    sender: str | None = Field(default=None, alias="from", max_length=64)
    user_id: str | None = Field(default=None, max_length=160)
    waba_id: str = bodies.WABA_ID

    @model_validator(mode="after")
    def _of_whatsapp(self) -> Self:
        if self.sender is None and self.user_id is None:
            raise ValueError("`from` or `user_id` is needed")
        if len(self.media) > 1:
            raise ValueError("a WhatsApp message holds one file")
        return self

    @property
    def account(self) -> str:
        """Whom it is written to."""
        return self.phone_number_id

    @property
    def person(self) -> str:
        """Who writes."""
        return self.sender or self.user_id or ""

    def item(self, now: int, shelf: Shelf | None = None) -> bodies.Item:
        """The message as it stands in a webhook. Raises ValueError for a file nobody has."""
        value: dict[str, Any] = {"from": self.sender} if self.sender else {}
        value |= {"from_user_id": self.user_id} if self.user_id else {}
        value["id"] = self.id or ids.inbound_wamid(self.person)
        value["timestamp"] = str(self.timestamp or now)
        if self.reply_to is not None:
            value["context"] = {"from": self.phone_number_id, "id": self.reply_to}
        if self.referral is not None:
            value["referral"] = self.referral
        value |= self._content(shelf)
        who = bodies.contact(self.sender, self.name, self.user_id)
        return bodies.Item(self.phone_number_id, "messages", value, who, self.waba_id)

    def _content(self, shelf: Shelf | None) -> dict[str, Any]:
        if self.message is not None:
            return self.message
        if self.media and shelf is not None:
            return self._file(shelf.take(self.media[0]), shelf)
        if self.quick_reply is not None:
            reply = {"id": self.quick_reply.payload, "title": self.quick_reply.title or self.text}
            return _typed("interactive", {"type": "button_reply", "button_reply": reply})
        if self.postback is not None:
            title = self.postback.title or self.postback.payload
            return _typed("button", {"payload": self.postback.payload, "text": title})
        if self.reaction is not None:
            emoji = {"emoji": self.reaction.emoji} if self.reaction.emoji else {}
            return _typed("reaction", {"message_id": self.reaction.message_id} | emoji)
        if self.edit is not None:
            message = _typed("text", {"body": self.edit.text}) | {"context": {"id": "M0"}}
            original = {"original_message_id": self.edit.message_id}
            return _typed("edit", original | {"message": message})
        if self.unsend is not None:
            return _typed("revoke", {"original_message_id": self.unsend})
        return _typed("text", {"body": self.text})

    def _file(self, file: File, shelf: Shelf) -> dict[str, Any]:
        kind = "document" if file.family == "file" else file.family
        kind = "sticker" if file.mime_type == "image/webp" else kind
        about: dict[str, Any] = {
            "id": file.id,
            "mime_type": file.mime_type,
            "sha256": file.sha256_base64,
            "url": str(shelf.link(file.id)),
        }
        if kind == "audio":
            about["voice"] = self.voice
        elif kind == "sticker":
            about["animated"] = False
        elif self.text:
            about["caption"] = self.text
        if kind == "document" and file.name:
            about["filename"] = file.name
        return _typed(kind, about)


def _typed(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, kind: content}
