"""A file in the filestore, as a workspace owns it: media, what a person uploads, a picture.

The bytes lie under `key`; the row says whose they are. From `purge_at` on the worker's chore may
delete the bytes, then the row; a file is gone to everybody a while before, so that nobody takes it
while it goes. An upload has a day to be sent, and is kept from then on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

Purpose = Literal["media", "upload", "avatar"]

GONE_BEFORE = timedelta(hours=1)
"""Longer than any request that found it still there."""
UNSENT = timedelta(days=1) + GONE_BEFORE
"""From an upload to its purge, unless it is sent."""


@dataclass(slots=True)
class File:
    """`sha256` in hex, `size` in bytes, `mime_type` sniffed, `created_by` an actor's label."""

    id: UUID
    workspace_id: UUID
    key: str
    purpose: Purpose
    mime_type: str
    size: int
    sha256: str
    created_at: datetime
    filename: str | None = None
    created_by: str | None = None
    purge_at: datetime | None = None

    def is_gone(self, now: datetime) -> bool:
        """Whether nobody may see it, or send it, any more."""
        return self.purge_at is not None and self.purge_at - GONE_BEFORE <= now
