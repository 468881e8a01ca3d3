"""Files at Meta: where one lies, and handing one over. Part of GraphClient.

The bytes behind a MediaLink are fetched by download.py. A file is given as bytes; how many may be
handed over is the caller's to bound, by the channel's limits.
"""

from dataclasses import dataclass
from typing import Any, Literal

import orjson

from metagraph.calls import Calls
from metagraph.exchange import Form
from metagraph.messages import ME
from metagraph.reading import object_of, text, whole

Attachment = Literal["image", "audio", "video", "file"]
"""What Messenger and Instagram call a file."""


@dataclass(frozen=True, slots=True)
class MediaLink:
    """Where a file of a webhook lies: `url` lives five minutes and wants the bearer too."""

    url: str
    mime_type: str | None
    sha256: str | None
    file_size: int | None


@dataclass(frozen=True, slots=True)
class Upload:
    """A file to hand over."""

    name: str
    mime_type: str
    content: bytes


class Media(Calls):
    """Files."""

    async def get_media(
        self, media_id: str, token: str, *, phone_number_id: str | None = None
    ) -> MediaLink:
        """Where the file of a WhatsApp media id lies now.

        With `phone_number_id` Meta refuses a file that came to another number. Errors count:
        see budget.py.
        """
        query = {"phone_number_id": phone_number_id} if phone_number_id else None
        return await self.get("media", (media_id,), token, read=_media, query=query)

    async def upload_media(self, phone_number_id: str, token: str, file: Upload) -> str:
        """Hand a file to WhatsApp: the media id messages name, good for 30 days."""
        fields = {"messaging_product": "whatsapp", "type": file.mime_type}
        form = Form(fields, "file", file.name, file.mime_type, file.content)
        path = (phone_number_id, "media")
        return await self.upload("upload", path, token, form, read=lambda it: text(it, "id"))

    async def upload_attachment(
        self,
        token: str,
        file: Upload,
        kind: Attachment,
        *,
        platform: Literal["instagram"] | None = None,
        node: str = ME,
    ) -> str:
        """Hand a file to Messenger, or with `platform` to Instagram: the attachment id."""
        attachment = {"type": kind, "payload": {"is_reusable": True}}
        fields = {"message": orjson.dumps({"attachment": attachment}).decode()}
        if platform is not None:
            fields["platform"] = platform
        form = Form(fields, "filedata", file.name, file.mime_type, file.content)
        path = (node, "message_attachments")
        return await self.upload("upload", path, token, form, read=_attachment)


def _media(answer: Any) -> MediaLink | None:
    """`{"url", "mime_type", "sha256", "file_size", "id"}`."""
    url = text(answer, "url")
    if object_of(answer) is None or url is None:
        return None
    return MediaLink(
        url, text(answer, "mime_type"), text(answer, "sha256"), whole(answer, "file_size")
    )


def _attachment(answer: Any) -> str | None:
    """`{"attachment_id"}`, a number now and then."""
    number = whole(answer, "attachment_id")
    return str(number) if number is not None else text(answer, "attachment_id")
