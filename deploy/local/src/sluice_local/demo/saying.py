"""A message of the plan as the emulator is told of it: one function for each kind of content.

Pure; called by actors.py. Words go with files on WhatsApp alone, elsewhere a file is all there is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sluice_local.demo.items import Inbound, Person
from sluice_local.stack_file import ChannelAddress

STORY = {"id": "17900000000000001", "url": "https://scontent.cdninstagram.com/story.jpg"}
STICKER = 126361874215276
"""One of Messenger's; not the thumb, which is a word of its own."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Where a person's messages are handed in: their account there, the emulator's address."""

    channel: ChannelAddress
    emulator_url: str

    def of(self, person: Person) -> dict[str, str]:
        """Who writes, and to whom."""
        who = {"from": person.address, "name": person.name}
        if self.channel.type == "whatsapp":
            return {**who, "phone_number_id": self.channel.account}
        return {**who, "object": self.channel.object, "account": self.channel.account}

    def said(self, message: Inbound, file_id: str | None) -> dict[str, Any]:
        """The whole message; `file_id` of the file that was put in before."""
        say = SAID.get((self.channel.type, message.kind)) or SAID["", message.kind]
        return {**self.of(message.person), "id": message.id, **say(self, message, file_id)}


Say = Callable[[Mailbox, Inbound, str | None], dict[str, Any]]


def _text(_: Mailbox, message: Inbound, __: str | None) -> dict[str, Any]:
    return {"text": message.text}


def _file(_: Mailbox, __: Inbound, file_id: str | None) -> dict[str, Any]:
    return {"media": [file_id]}


def _captioned(_: Mailbox, message: Inbound, file_id: str | None) -> dict[str, Any]:
    return {"media": [file_id], "text": message.text}


def _voice(_: Mailbox, __: Inbound, file_id: str | None) -> dict[str, Any]:
    return {"media": [file_id], "voice": True}


def _location(_: Mailbox, message: Inbound, __: str | None) -> dict[str, Any]:
    place = {"latitude": 38.7223, "longitude": -9.1393, "name": message.text}
    return {"message": {"type": "location", "location": place}}


def _choice(_: Mailbox, message: Inbound, __: str | None) -> dict[str, Any]:
    return {"quick_reply": {"payload": message.text, "title": message.text.partition(" [")[0]}}


def _postback(_: Mailbox, message: Inbound, __: str | None) -> dict[str, Any]:
    return {"postback": {"payload": message.text, "title": message.text.partition(" [")[0]}}


def _story_reply(_: Mailbox, message: Inbound, __: str | None) -> dict[str, Any]:
    words = {"mid": message.id, "text": message.text, "reply_to": {"story": STORY}}
    return {"message": {"message": words}}


def _messenger_sticker(box: Mailbox, message: Inbound, file_id: str | None) -> dict[str, Any]:
    url = f"{box.emulator_url}/_cdn/{file_id}"
    sticker = {"type": "sticker", "payload": {"url": url, "sticker_id": STICKER}}
    return {"message": {"message": {"mid": message.id, "attachments": [sticker]}}}


SAID: dict[tuple[str, str], Say] = {
    ("", "text"): _text,
    ("", "image"): _file,
    ("", "document"): _file,
    ("", "sticker"): _file,
    ("", "voice"): _voice,
    ("", "choice"): _choice,
    ("", "postback"): _postback,
    ("", "location"): _location,
    ("instagram", "story_reply"): _story_reply,
    ("messenger", "sticker"): _messenger_sticker,
    ("whatsapp", "image"): _captioned,
    ("whatsapp", "document"): _captioned,
}
"""(channel type, kind of content); without a type: on every channel."""
