"""Instagram's table of kinds: what professional accounts send. Used by `channels`."""

from collections.abc import Mapping

from adapter.fields import Wire
from ingest_meta.normalize import control, messages, news, notices, receipts, shares
from ingest_meta.normalize.attachments import ATTACHMENTS, Attachment, Draw
from ingest_meta.normalize.dialect import Dialect, Rule, kinds_of

CHANNEL = "instagram"
VERSION = 1
"""Raised whenever this table understands more; inbox-core then replaces unsupported rows."""

FIELDS = ("comments", "live_comments", "mentions", "story_insights")
"""Fields of an account whose changes are news of it, and no messages."""


def story_mention(attachment: Attachment) -> list[Wire]:
    """The account is named in somebody's story."""
    part = shares.story("story_mention", attachment.payload, attachment.sent_at)
    return [part] if part.get("data") else []


def shared_story(attachment: Attachment) -> list[Wire]:
    """Somebody's story, passed on: a post that is gone within a day."""
    payload = attachment.payload
    story = {
        "id": payload.get("story_media_id") or payload.get("id"),
        "url": payload.get("url") or payload.get("story_media_url"),
        "title": payload.get("title"),
    }
    part = shares.story("post", story, attachment.sent_at)
    return [{**part, "data": {**part["data"], "story": True}}] if part.get("data") else []


def like(_attachment: Attachment) -> list[Wire]:
    """The heart beside the text field. It has no payload."""
    return [{"kind": "like"}]


OF_MESSAGES: Mapping[str, Draw] = {
    **ATTACHMENTS,
    "story_mention": story_mention,
    "ig_story": shared_story,
    "like_heart": like,
}

TABLE: Mapping[str, Rule] = {
    **messages.rules(OF_MESSAGES),
    "read": receipts.read,  # and no word of delivery
    "reaction": receipts.reaction,
    **notices.RULES,
    **control.RULES,
    **news.RULES,
    **news.changes(FIELDS),
}

KINDS = kinds_of(Dialect(CHANNEL, "igsid", OF_MESSAGES), VERSION, TABLE)
