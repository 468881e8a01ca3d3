"""The file of a part: on its way, here, failed, or not ours to keep. Pure functions over parts.

A part's `media` is contracts.parts.Media as JSON, and beside it, once the message is stored:
`state`, `attempt`, and when it has come so far `file_id` (of domain.files.File) or `problem`
({kind, message, code?, retryable}). Used by app.media, app.views and what composes messages.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from inbox_core.domain.files import File
from inbox_core.domain.message import Parts

State = Literal["pending", "ready", "failed", "link", "purged"]
"""link: shown from where the platform has it, until it expires. purged: it was here and is not."""


MOST_FETCHED = 100
"""Files of one message that are fetched by themselves; more than any platform sends at once."""
TOO_MANY = {
    "kind": "too_many",
    "message": "The message has more files than are fetched by themselves.",
    "retryable": True,
}

BLOCKED = {
    "kind": "blocked",
    "message": "Files of a blocked contact are fetched when somebody asks for them.",
    "retryable": True,
}
REFUSED = {"kind": "storage", "message": "The file could not be taken."}

KEPT_HERE = ("state", "attempt", "file_id", "problem")


class Wanted(NamedTuple):
    """A file to fetch: the part's number, and which attempt at it this is."""

    part: int
    attempt: int


def begin(parts: Parts, first_attempt: int = 1, *, blocked: bool = False) -> list[Wanted]:
    """Give every file that is new its state; the answer is what there is to fetch.

    Beyond MOST_FETCHED, or of a `blocked` contact, a file waits for a person to ask for it.
    """
    wanted: list[Wanted] = []
    for number, media in _all(parts):
        if "state" in media:
            continue
        if media.get("policy") == "link":
            media["state"] = "link"
        elif blocked:
            media.update(state="failed", attempt=first_attempt, problem=dict(BLOCKED))
        elif len(wanted) == MOST_FETCHED:
            media.update(state="failed", attempt=first_attempt, problem=dict(TOO_MANY))
        else:
            media.update(state="pending", attempt=first_attempt)
            wanted.append(Wanted(number, first_attempt))
    return wanted


def stored(parts: Parts) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The new files that lie in the filestore already: a part's media, and StoredFile as JSON."""
    for _, media in _all(parts):
        told = media.pop("stored", None)
        if told is not None and "state" not in media:
            yield media, told


def take(media: dict[str, Any], file: File | None) -> None:
    """A file that came with its message; None: it is none of ours, and nobody can fetch it."""
    if file is None:
        media.update(state="failed", problem=dict(REFUSED))
    else:
        media.update(attached(file), ref=media["ref"])


def carry(before: Parts, after: Parts) -> int:
    """An edit brings parts anew: a file it names again is kept as it is.

    The answer is the first attempt of files that are new, beyond all that were made before.
    """
    known = {media.get("ref"): media for _, media in _all(before)}
    for _, media in _all(after):
        kept = known.get(media["ref"], {})
        media.update(
            {key: value for key, value in kept.items() if key in (*KEPT_HERE, "mime_type", "size")}
        )
    return 1 + max((int(media.get("attempt", 0)) for _, media in _all(before)), default=0)


def awaits(parts: Parts, part: int, attempt: int) -> bool:
    """Whether this attempt at the part's file is the one that counts."""
    media = _of(parts, part)
    return bool(media) and media.get("state") == "pending" and media.get("attempt") == attempt


def settle(parts: Parts, part: int, file: File | None, problem: dict[str, Any] | None) -> None:
    """What an awaited attempt came to; the sniffed type counts, not the one that was claimed."""
    media = _of(parts, part)
    media.pop("problem", None)
    if file is None:
        media.update(state="failed", problem=problem)
    else:
        media.update(attached(file), ref=media["ref"])


def attached(file: File) -> dict[str, Any]:
    """The media of a part whose file we hold: `ref` is what an adapter sends it by."""
    media = {
        "ref": f"file:{file.key}",
        "state": "ready",
        "file_id": str(file.id),
        "mime_type": file.mime_type,
        "size": file.size,
    }
    return {**media, "filename": file.filename} if file.filename else media


def retry(parts: Parts, part: int) -> Wanted | None:
    """Another attempt at a file that failed; None when there is nothing to retry."""
    media = _of(parts, part)
    if media.get("state") != "failed" or "attempt" not in media:
        return None
    attempt = int(media["attempt"]) + 1
    media.pop("problem", None)
    media.update(state="pending", attempt=attempt)
    return Wanted(part, attempt)


def bare(parts: Parts) -> Parts:
    """The parts as the wire had them, without what became of their files here."""
    kept = []
    for part in parts:
        media = part.get("media")
        if media:
            media = {key: value for key, value in media.items() if key not in KEPT_HERE}
        kept.append({**part, "media": media} if media else dict(part))
    return kept


def files_of(parts: Parts) -> set[UUID]:
    """The files the parts hold."""
    return {UUID(media["file_id"]) for _, media in _all(parts) if media.get("file_id")}


def shown_state(media: dict[str, Any], now: datetime) -> State:
    """A link that expired is gone: it was its owner's, and we kept nothing."""
    state: State = media.get("state", "pending")
    expires_at = media.get("expires_at")
    if state == "link" and expires_at and _moment(expires_at) <= now:
        return "purged"
    return state


def _moment(value: datetime | str) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _of(parts: Parts, part: int) -> dict[str, Any]:
    found = parts[part].get("media") if 0 <= part < len(parts) else None
    return found or {}


def _all(parts: Parts) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, part in enumerate(parts):
        if part.get("media"):
            yield number, part["media"]
