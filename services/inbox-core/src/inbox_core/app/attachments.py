"""Attachments: a file as a part, of a kind and a size the channel takes. Pure.

Called by app.compose.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from contracts.capabilities import Capabilities, MediaLimit
from inbox_core.app.drafts import FileDraft
from inbox_core.app.pieces import Piece, degraded, piece, texts
from inbox_core.domain.errors import NotSendable
from inbox_core.domain.files import File
from inbox_core.domain.media import attached

KINDS = {"image": "image", "video": "video", "audio": "audio"}
"""The first half of a MIME type → how the file is shown. Everything else is a document."""
ANYTHING = "document"


def carry(draft: FileDraft, can: Capabilities, files: Mapping[UUID, File]) -> list[Piece]:
    """The file, and its caption behind it where it cannot go along. Raises NotSendable."""
    file = files.get(draft.file_id) if draft.file_id else None
    wanted, kind = _kind(draft, file, can)
    limit = can.media[kind]
    fits = draft.caption is not None and len(draft.caption) <= limit.caption
    found = piece(
        kind,
        draft.caption if fits else None,
        media=_media(draft, file),
        data={"voice": True} if draft.voice and kind == "audio" else None,
    )
    if kind != wanted:
        found = degraded(found, wanted, f"This channel takes this {wanted} as a {kind} only.")
    behind = texts(draft.caption, can) if draft.caption and not fits else []
    return [found, *behind]


def caption_fits(draft: FileDraft, can: Capabilities, files: Mapping[UUID, File]) -> bool:
    """Whether the caption goes along with the file."""
    file = files.get(draft.file_id) if draft.file_id else None
    try:
        _, kind = _kind(draft, file, can)
    except NotSendable:
        return False
    return len(draft.caption or "") <= can.media[kind].caption


def _kind(draft: FileDraft, file: File | None, can: Capabilities) -> tuple[str, str]:
    """The kind that was meant and the one it goes as. Raises NotSendable naming the limit."""
    wanted = draft.kind or KINDS.get(_half(file), ANYTHING)
    refusals = []
    for kind in dict.fromkeys((wanted, ANYTHING)):
        refusal = _refusal(kind, can.media.get(kind), file)
        if refusal is None:
            return wanted, kind
        refusals.append(refusal)
    raise NotSendable(refusals[0])


def _half(file: File | None) -> str:
    return file.mime_type.partition("/")[0] if file else ""


def _refusal(kind: str, limit: MediaLimit | None, file: File | None) -> str | None:
    """Why a file cannot go as this kind; None when it can."""
    name = f"«{file.filename}»" if file and file.filename else "The file"
    if limit is None:
        return f"{name} cannot be sent: this channel takes no files of the kind {kind}."
    if file is None:  # a link: the platform looks at it, we do not
        return None
    if not any(_matches(file.mime_type, allowed) for allowed in limit.mime_types):
        allowed = ", ".join(limit.mime_types)
        return f"{name} is {file.mime_type}; as {kind} this channel takes {allowed}."
    if file.size > limit.max_bytes:
        return (
            f"{name} has {_mebibytes(file.size)} MiB; as {kind} this channel takes "
            f"{_mebibytes(limit.max_bytes)} MiB at the most."
        )
    return None


def _matches(mime_type: str, allowed: str) -> bool:
    """`allowed` is exact, `image/*` or `*/*`."""
    if allowed == "*/*":
        return True
    if allowed.endswith("/*"):
        return mime_type.startswith(allowed[:-1])
    return mime_type == allowed


def _mebibytes(size: int) -> str:
    return f"{size / 1024 / 1024:.1f}".removesuffix(".0")


def _media(draft: FileDraft, file: File | None) -> dict[str, Any]:
    """As domain/media.py keeps it: ready in our filestore, or a link the platform follows."""
    if file is None:
        return {"ref": draft.url, "policy": "link", "state": "link"}
    return {**attached(file), "sha256": file.sha256}
