"""A file in the filestore, as a workspace owns it: media, what a person uploads, a picture.

The bytes lie under `key`; the row says whose they are. Nobody sees a file whose `purge_at` is set:
the worker's chore deletes the bytes, then the row.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

Purpose = Literal["media", "upload", "avatar"]


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
