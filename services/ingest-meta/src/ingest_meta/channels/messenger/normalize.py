"""Messenger's table of kinds: what pages send. Used by `channels`."""

from collections.abc import Mapping

from adapter.fields import Wire, mapping, number
from ingest_meta.normalize import control, messages, news, notices, receipts
from ingest_meta.normalize.attachments import ATTACHMENTS, Attachment, Draw, link
from ingest_meta.normalize.dialect import Dialect, Rule, kinds_of

CHANNEL = "messenger"
VERSION = 1
"""Raised whenever this table understands more; inbox-core then replaces unsupported rows."""

FIELDS = (
    "feed",
    "group_feed",
    "inbox_labels",
    "leadgen",
    "mention",
    "ratings",
)
"""Fields of a page whose changes are news of the account."""


def location(attachment: Attachment) -> list[Wire]:
    """Where a person is. Messenger no longer sends it; old apps' hold a link alone, or null."""
    where = mapping(attachment.payload.get("coordinates"))
    lat, long = number(where.get("lat")), number(where.get("long"))
    if lat is None or long is None:
        return link(attachment) if attachment.either("url") else []
    data: Wire = {"latitude": lat, "longitude": long}
    for key, theirs in (("name", "title"), ("url", "url")):
        if isinstance(found := attachment.either(theirs), str) and found:
            data[key] = found
    return [{"kind": "location", "data": data}]


def appointment(attachment: Attachment) -> list[Wire]:
    """A booking, as Messenger has it."""
    return [{"kind": "appointment", "data": attachment.payload}] if attachment.payload else []


OF_MESSAGES: Mapping[str, Draw] = {
    **ATTACHMENTS,
    "location": location,
    "appointment_booking": appointment,
}

TABLE: Mapping[str, Rule] = {
    **messages.rules(OF_MESSAGES),
    "delivery": receipts.delivered,
    "read": receipts.read,
    "reaction": receipts.reaction,
    **notices.RULES,
    **control.RULES,
    **news.RULES,
    **news.changes(FIELDS),
}

KINDS = kinds_of(Dialect(CHANNEL, "psid", OF_MESSAGES), VERSION, TABLE)
