"""Messages: what people write and press, echoes of what the account sent, edits, deletions.

Rules of every channel's table; called through dialect.kinds_of.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapter.fields import Malformed, Wire, identifier, mapping, moment, required
from adapter.items import DELETION, EDIT, MESSAGE, Item, Made
from contracts.commands import CommandId
from ingest_meta.normalize import names, people, shares
from ingest_meta.normalize.attachments import Draw, parts_of
from ingest_meta.normalize.dialect import Dialect, Rule
from ingest_meta.payloads import STANDBY

PAGE_INBOXES = frozenset({"263902037430900", "26390203743090", "1217981644879628"})
"""App ids under which Meta's own inboxes write: for us that is the platform's app."""


def message(dialect: Dialect, item: Item) -> Made:
    """A message, or the echo of one. Raises ValueError when nothing of it is understood."""
    body = item.body
    said = mapping(body.get("message"))
    sent_at = moment(body.get("timestamp")) or moment(item.entry_time)
    referral = mapping(said.get("referral"))
    parts = [*_words(said, referral, sent_at), *parts_of(said, dialect.attachments, sent_at)]
    if not parts and referral:
        parts = [_about(referral)]
    if all(part["kind"] == "unsupported" for part in parts):
        raise Malformed
    data = written(dialect, item, required(said.get("mid")), parts)
    if reply_to := identifier(mapping(said.get("reply_to")).get("mid")):
        data["reply_to"] = reply_to
    if referral:
        data["referral"] = referral
    if all(part["kind"] == "notice" for part in parts):
        data["notice"] = True
    if people.is_echo(item):
        data |= _sent_by(said)
    return Made(MESSAGE, data)


def written(dialect: Dialect, item: Item, external_id: str, parts: list[Wire]) -> Wire:
    """The data of a message event."""
    data: Wire = {
        "external_id": external_id,
        "direction": "outbound" if people.is_echo(item) else "inbound",
        "contact": people.required(dialect.person, item),
        "parts": parts,
    }
    if item.kind.startswith(STANDBY):
        data["standby"] = True
    return data


def postback(dialect: Dialect, item: Item) -> Made:
    """A press of a button, an icebreaker or a menu. Another app's has no payload."""
    press = mapping(item.body.get("postback"))
    title, payload = press.get("title"), press.get("payload")
    if not (title or payload or press.get("mid")):
        raise Malformed
    part = _choice(title, payload, "postback")
    data = written(dialect, item, required(names.external_id(item)), [part])
    if referral := mapping(press.get("referral")):
        data["referral"] = referral
    return Made(MESSAGE, data)


def edit(dialect: Dialect, item: Item) -> Made:
    """New words for a message."""
    edited = mapping(item.body.get("message_edit"))
    if not isinstance(edited.get("text"), str):
        raise Malformed
    parts = [{"kind": "text", "text": edited["text"]}]
    return Made(
        EDIT, {"external_id": required(edited.get("mid")), "parts": parts} | _by(dialect, item)
    )


def deletion(dialect: Dialect, item: Item) -> Made:
    """Taken back by whoever sent it."""
    said = mapping(item.body.get("message"))
    if said.get("is_deleted") is not True:
        raise Malformed
    return Made(DELETION, {"external_id": required(said.get("mid"))} | _by(dialect, item))


def rules(attachments: Mapping[str, Draw]) -> dict[str, Rule]:
    """The rows of messages and echoes of a channel that knows these attachments."""
    holds = ("text", "quick_reply", "story_reply", "referral", "attachments", *attachments)
    return {
        **{f"{whose}.{what}": message for whose in ("message", "echo") for what in holds},
        "message.deleted": deletion,
        "echo.deleted": deletion,
        "message_edit": edit,
        "postback": postback,
    }


def _by(dialect: Dialect, item: Item) -> Wire:
    contact = people.contact(dialect.person, item)
    return {"contact": contact} if contact else {}


def _words(said: dict[str, Any], referral: dict[str, Any], sent_at: datetime | None) -> list[Wire]:
    """The text as what it is: an answer to a story, a press, or words."""
    text = said.get("text") if isinstance(said.get("text"), str) else None
    if story := mapping(mapping(said.get("reply_to")).get("story")):
        part = shares.story("story_reply", story, sent_at)
        return [{**part, "text": text} if text else part]
    if press := mapping(said.get("quick_reply")):
        return [_choice(text, press.get("payload"), "quick_reply")]
    if not text:
        return []
    product = mapping(referral.get("product"))
    return [{"kind": "text", "text": text} | ({"data": {"product": product}} if product else {})]


def _about(referral: dict[str, Any]) -> Wire:
    """Of a message without words: what it is about, a product or what led the person here."""
    product_id = identifier(mapping(referral.get("product")).get("id"))
    if product_id:
        return {"kind": "product", "data": {"id": product_id}}
    return {"kind": "notice", "data": {**referral, "name": "referral"}}


def _choice(title: Any, payload: Any, source: str) -> Wire:
    part: Wire = {"kind": "choice", "data": {"source": source}}
    if type(payload) in {str, int}:
        part["data"]["id"] = str(payload)
    if isinstance(title, str) and title:
        part["text"] = title
    return part


def _sent_by(said: dict[str, Any]) -> Wire:
    """Where an echo was written, and which of our sends it is."""
    app = identifier(said.get("app_id"))
    via: Wire = {"via": "app" if app is None or app in PAGE_INBOXES else app}
    metadata = said.get("metadata")
    ours = isinstance(metadata, str) and CommandId.parse(metadata)
    return {**via, "client_ref": metadata} if ours else via
