"""A message of a conversation, and the facts that reach it in any order.

Edits, deletions and reactions commute: the latest by the platform's time wins, of two edits in one
second the one whose words sort last; a deletion wins over everything; and a fact that comes before
its message waits in the reference's `held` (references.py) and ends in the same state.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

Direction = Literal["inbound", "outbound", "internal"]
Kind = Literal["message", "unsupported", "event"]
AuthorType = Literal["contact", "user", "ai", "system"]

Parts = list[dict[str, Any]]
"""What contracts.parts.Part is on the wire: kind, text, media, data. Of media: media.py."""

OURS = "us"
"""Who reacted, when it was one of us: the platform knows one account, whoever of us it was."""


@dataclass(slots=True)
class Message:
    """`seq` is the arrival number in the conversation; `sent_at` the platform's own time.

    `quiet`: counts as nothing new: history, a notice, or `blocked`, from somebody who was blocked
    when it came. `hidden`: no message any more, but a place in the numbering.
    """

    workspace_id: UUID
    id: UUID
    conversation_id: UUID
    channel_id: UUID
    direction: Direction
    kind: Kind
    author_type: AuthorType
    parts: Parts
    sent_at: datetime
    created_at: datetime
    seq: int = 0
    author_id: str | None = None
    author_name: str | None = None
    client_msg_id: str | None = None
    reply_to: str | None = None
    forwarded: bool = False
    referral: dict[str, Any] | None = None
    reactions: dict[str, dict[str, str | None]] = field(default_factory=dict)
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    quiet: bool = False
    hidden: bool = False
    blocked: bool = False
    version: int = 1

    @property
    def is_shown_in_row(self) -> bool:
        """Whether the list row may show it."""
        return self.kind != "event" and not self.hidden and not self.blocked

    def edit(self, at: datetime, parts: Parts) -> bool:
        """Take the newer text; a deleted message stays deleted."""
        if self.deleted_at is not None:
            return False
        if self.edited_at is not None and (at, words(parts)) <= (self.edited_at, words(self.parts)):
            return False
        self.parts, self.edited_at = parts, at
        return True

    def delete(self, at: datetime) -> bool:
        """The sender took it back: the content goes, the place in the thread stays."""
        if self.deleted_at is not None and at >= self.deleted_at:
            return False
        self.deleted_at, self.parts, self.edited_at, self.referral = at, [], None, None
        return True

    def hide(self, at: datetime) -> None:
        """It was no message after all: the content goes, and screens take it away."""
        self.delete(at)
        self.hidden = self.quiet = True

    def react(self, by: str, emoji: str | None, at: datetime) -> bool:
        """One reaction a person; a removal is kept as a mark so that an older one stays gone."""
        before = self.reactions.get(by)
        moment = at.isoformat()
        if before is not None and (before["at"] or "", before["emoji"] or "") >= (
            moment,
            emoji or "",
        ):
            return False
        self.reactions[by] = {"emoji": emoji, "at": moment}
        return True


def words(parts: Parts) -> str:
    """What the parts say, as text that can be compared, whatever became of their files."""
    said = [
        (part.get("kind"), part.get("text"), (part.get("media") or {}).get("ref"), part.get("data"))
        for part in parts
    ]
    return json.dumps(said, sort_keys=True)
