"""Keys of stored files: made here, and checked here because they come over the bus.

`<workspace>/<purpose>/<year>/<month>/<name>`: a workspace is one prefix, to count or to erase; a
month is a folder of bearable size. A key tells nothing of the file's own name.
"""

import re
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from filestore.errors import BadKey

Purpose = Literal["media", "upload", "avatar"]

MAX_KEY_CHARACTERS = 300

KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._=-]*(?:/[A-Za-z0-9][A-Za-z0-9._=-]*)*")
"""Names with slashes between them. No name begins with a dot: neither `..`, nor the folder where
unfinished files wait. What every store takes as it is; nothing needs escaping anywhere."""

UUID_WITH_TIME = 7


def key_for(
    workspace_id: UUID, purpose: Purpose, name: UUID, stored_at: datetime | None = None
) -> str:
    """The key of a file; the same for the same arguments, so that a repeat overwrites itself.

    The month is that of `stored_at`, by default the one inside `name`, which then must be a
    UUIDv7. Raises ValueError.
    """
    month = (stored_at or _born(name)).astimezone(UTC)
    return f"{workspace_id}/{purpose}/{month:%Y/%m}/{name}"


def check_key(key: str) -> str:
    """The key itself. Raises BadKey for whatever could leave our prefix or confuse a store."""
    if len(key) > MAX_KEY_CHARACTERS:
        raise BadKey(f"{len(key)} characters; a key has {MAX_KEY_CHARACTERS} at the most")
    if not KEY.fullmatch(key):
        raise BadKey("not names of letters, digits and . _ = - with single slashes between")
    return key


def _born(name: UUID) -> datetime:
    if name.version != UUID_WITH_TIME:
        raise ValueError("a name that is no UUIDv7 holds no time: say stored_at")
    return datetime.fromtimestamp((name.int >> 80) / 1000, UTC)
