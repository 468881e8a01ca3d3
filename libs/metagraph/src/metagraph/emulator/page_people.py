"""What people do on Messenger and Instagram, as their webhooks tell it. Taken by inbound.py."""

from dataclasses import replace
from typing import Any, Literal

from pydantic import Field

from metagraph.emulator import ids
from metagraph.emulator.page_bodies import Event, echo, event
from metagraph.emulator.said import Reaction, Said, Shelf

NAMED_EMOJI = {
    "❤": "love",
    "😆": "smile",
    "😢": "sad",
    "😠": "angry",
    "👍": "like",
    "👎": "dislike",
}


class PageMessage(Said):
    """One act of a person at a page or an Instagram account, by their ids there.

    `message` holds the platform's own fields of the item, such as `{"optin": {…}}`. With `echo`
    the account says it, in Meta's inbox or by another app (`app_id`), and the person hears it.
    """

    object: Literal["page", "instagram"]
    account: str = Field(min_length=1, max_length=64)
    sender: str = Field(alias="from", min_length=1, max_length=64)
    echo: bool = False
    app_id: int | None = None
    standby: bool = False

    def item(self, now: int, shelf: Shelf | None = None) -> Event:
        """The act as it stands in a webhook. Raises ValueError for a file nobody has."""
        now_ms = (self.timestamp or now) * 1000
        what, mid = self._what(shelf)
        if self.echo and "message" in what:
            app = {"app_id": self.app_id} if self.app_id is not None else {}
            said = what["message"] | app
            found = echo(self.object, self.account, self.sender, now_ms, said)
        else:
            found = event(self.object, self.account, self.sender, now_ms, what, mid)
        return replace(found, standby=self.standby)

    def _what(self, shelf: Shelf | None) -> tuple[dict[str, Any], str]:
        """The item's own fields, and the id of the message it is about."""
        new = self.id or ids.mid(self.object)
        if self.message is not None:
            return self.message, new
        if self.postback is not None:
            title = self.postback.title or self.postback.payload
            postback = {"mid": new, "title": title, "payload": self.postback.payload}
            return {"postback": self._with_referral(postback)}, new
        if self.reaction is not None:
            return {"reaction": _reaction(self.reaction)}, self.reaction.message_id
        if self.edit is not None:
            edit = {"mid": self.edit.message_id, "text": self.edit.text}
            return {"message_edit": edit | {"num_edit": self.edit.times}}, self.edit.message_id
        if self.unsend is not None:
            return {"message": {"mid": self.unsend, "is_deleted": True}}, self.unsend
        return {"message": self._message(new, shelf)}, new

    def _message(self, mid: str, shelf: Shelf | None) -> dict[str, Any]:
        found: dict[str, Any] = {"mid": mid}
        text = self.text
        if self.quick_reply is not None:
            found["quick_reply"] = {"payload": self.quick_reply.payload}
            text = text or self.quick_reply.title or self.quick_reply.payload
        if text is not None:
            found["text"] = text
        if self.media and shelf is not None:
            files = [shelf.take(number) for number in self.media]
            found["attachments"] = [
                {"type": file.family, "payload": {"url": str(shelf.cdn(file.id))}} for file in files
            ]
        if self.reply_to is not None:
            found["reply_to"] = {"mid": self.reply_to}
        return self._with_referral(found)

    def _with_referral(self, found: dict[str, Any]) -> dict[str, Any]:
        return found if self.referral is None else found | {"referral": self.referral}


def _reaction(given: Reaction) -> dict[str, Any]:
    """Taken back, it has neither name nor emoji."""
    if not given.emoji:
        return {"mid": given.message_id, "action": "unreact"}
    name = NAMED_EMOJI.get(given.emoji, "other")
    return {"mid": given.message_id, "action": "react", "reaction": name, "emoji": given.emoji}
