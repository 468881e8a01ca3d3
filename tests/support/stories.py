"""Builders of the events that are about something: echoes, watermarks, files, profiles, amendments.

Beside support.events, which has those that every test needs.
"""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from contracts.events import (
    ContactEvent,
    ContactUpdate,
    Deletion,
    DeletionEvent,
    Edit,
    EditEvent,
    MediaResult,
    MediaResultEvent,
    Message,
    MessageEvent,
    ProfileResult,
    ProfileResultEvent,
    Reaction,
    ReactionEvent,
    ThreadControl,
    ThreadControlEvent,
    Watermark,
    WatermarkEvent,
)
from contracts.parts import Alias, Contact, Media, Part, Problem, StoredFile
from support.events import envelope, person

NO_FILE = Problem(kind="gone", message="The file is not there any more.")


def said(external_id: str, phone: str, *parts: Part, **fields: Any) -> MessageEvent:
    """A message of these parts. Fields of the envelope (time, account) and of the message."""
    around = {key: fields.pop(key) for key in ("time", "account") if key in fields}
    return MessageEvent(
        **envelope(f"whatsapp:message:{external_id}", **around),
        data=Message(
            external_id=external_id,
            contact=fields.pop("contact", None) or person(phone),
            parts=parts or (Part(kind="text", text="hello"),),
            **fields,
        ),
    )


def echo(external_id: str, phone: str, text: str = "answer", **fields: Any) -> MessageEvent:
    """A message that went out, as the platform tells of it."""
    return said(external_id, phone, Part(kind="text", text=text), direction="outbound", **fields)


def picture(ref: str = "media-1", **media: Any) -> Part:
    return Part(kind="image", text="look", media=Media(ref=ref, mime_type="image/jpeg", **media))


def watermark(
    phone: str, word: Literal["delivered", "read"], up_to: datetime, *ids: str
) -> WatermarkEvent:
    return WatermarkEvent(
        **envelope(f"whatsapp:watermark:{phone}:{word}:{up_to.timestamp()}", time=up_to),
        data=Watermark(contact=person(phone), status=word, up_to=up_to, external_ids=ids),
    )


def edit(external_id: str, text: str, time: datetime) -> EditEvent:
    return EditEvent(
        **envelope(f"whatsapp:edit:{external_id}:{text}", time=time),
        data=Edit(external_id=external_id, parts=(Part(kind="text", text=text),)),
    )


def unsend(external_id: str, time: datetime) -> DeletionEvent:
    return DeletionEvent(
        **envelope(f"whatsapp:unsend:{external_id}", time=time),
        data=Deletion(external_id=external_id),
    )


def reaction(external_id: str, phone: str, emoji: str | None, time: datetime) -> ReactionEvent:
    return ReactionEvent(
        **envelope(f"whatsapp:reaction:{external_id}:{emoji}", time=time),
        data=Reaction(external_id=external_id, contact=person(phone), emoji=emoji),
    )


def stored_file(key: str, mime_type: str = "image/png") -> StoredFile:
    return StoredFile(key=key, mime_type=mime_type, size=3, sha256="ab" * 32, filename="a.png")


def fetched(
    command: dict[str, Any], key: str | None = None, *, attempt: int | None = None
) -> MediaResultEvent:
    """The answer to a media command: the file under `key`, None: it could not be had.

    `{workspace}` in the key is the command's.
    """
    asked = command["data"]
    number = attempt or asked["attempt"]
    return MediaResultEvent(
        **envelope(f"whatsapp:media_result:{asked['message_id']}.{asked['part']}.{number}.{key}"),
        data=MediaResult(
            workspace_id=UUID(asked["workspace_id"]),
            message_id=UUID(asked["message_id"]),
            part=asked["part"],
            attempt=number,
            file=stored_file(key.format(workspace=asked["workspace_id"])) if key else None,
            problem=None if key else NO_FILE,
        ),
    )


def profile(command: dict[str, Any], **shown: Any) -> ProfileResultEvent:
    """The answer to a profile command."""
    asked = command["data"]
    return ProfileResultEvent(
        **envelope(f"whatsapp:profile_result:{command['id']}"),
        data=ProfileResult(
            workspace_id=UUID(asked["workspace_id"]),
            identity_id=UUID(asked["identity_id"]),
            **shown,
        ),
    )


def renamed(
    event_id: str,
    now: tuple[Alias, ...],
    before: tuple[Alias, ...] = (),
    reason: str | None = None,
    **contact: Any,
) -> ContactEvent:
    return ContactEvent(
        **envelope(event_id),
        data=ContactUpdate(contact=Contact(aliases=now, **contact), previous=before, reason=reason),
    )


def control(
    phone: str, action: Literal["passed", "taken", "requested"], owner: str | None, time: datetime
) -> ThreadControlEvent:
    return ThreadControlEvent(
        **envelope(f"whatsapp:control:{phone}:{time.timestamp()}", time=time),
        data=ThreadControl(contact=person(phone), action=action, owner=owner),
    )
