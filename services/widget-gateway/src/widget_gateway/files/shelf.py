"""The shelf: handles of uploads, addresses of files shown, and both read again.

An upload's handle holds the file it stands for, signed for one visitor of one channel: nobody
else's session opens it, and it names nothing that was not uploaded here. An address holds what a
download needs and when it ends; who has it may read the file, so only those get it who are shown
the file. Neither is kept anywhere.
"""

from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

import orjson
from pydantic import ValidationError

from bus.errors import Unavailable
from contracts.parts import StoredFile
from filestore.errors import Retryable
from filestore.kinds import UNKNOWN
from filestore.store import FileStore
from vault.signing import Signer
from widget_gateway.doors.rim import PREFIX
from widget_gateway.files.unsent import use
from widget_gateway.site.channels import Channel
from widget_gateway.visitor import Visitor

PATH = f"{PREFIX}/files/"
UPLOAD = "visitor-upload"
SHOWN = "visitor-file"
"""Purposes of the signatures."""
GOOD_S = 24 * 3600
"""The least an address is good for; at the most twice that. A client asks for all it shows anew
after a day. Within one it stays the same, so that a browser takes a picture from its cache."""
MAX_HANDLE = 4096


class Shown(NamedTuple):
    """What an address says. `until` in seconds since the epoch."""

    until: int
    key: str
    name: str | None
    mime_type: str
    size: int | None


class Shelf:
    """One a process. `origin`: scheme, host and port addresses begin with, "" for relative ones."""

    def __init__(
        self, files: FileStore, signer: Signer, clock: Callable[[], float], origin: str | None
    ) -> None:
        self._files = files
        self._signer = signer
        self._clock = clock
        self._origin = origin or ""

    def handle(self, channel: Channel, visitor: Visitor, file: StoredFile) -> str:
        """What an upload is answered with; `file` as it lies once it is used."""
        return self._signer.wrap(_bound(channel, visitor), file.model_dump_json().encode())

    async def opened(self, channel: Channel, visitor: Visitor, handle: str) -> StoredFile | None:
        """The file of an upload, kept for good from now on; call it before its message is said.

        None: the handle is none, or another visitor's, or too old. Raises the bus' Retryable.
        """
        told = self._signer.unwrap(_bound(channel, visitor), handle[:MAX_HANDLE])
        if told is None:
            return None
        try:
            file = StoredFile.model_validate_json(told)
            upload = UUID(file.key.rpartition("/")[2])
        except (ValidationError, ValueError):
            return None
        try:
            return file if await use(self._files, channel.workspace_id, upload) else None
        except Retryable as error:
            raise Unavailable(str(error)) from error

    def address(self, key: str, name: str | None, mime_type: str | None, size: int | None) -> str:
        """Where a browser gets a stored file for a day or two, by the address alone."""
        until = (int(self._clock()) // GOOD_S + 2) * GOOD_S
        told = orjson.dumps([until, key, name, mime_type or UNKNOWN, size])
        return f"{self._origin}{PATH}{self._signer.wrap(SHOWN, told)}"

    def shown(self, handle: str) -> Shown | None:
        """What the last step of an address says; None when it is not ours, or over."""
        told = self._signer.unwrap(SHOWN, handle[:MAX_HANDLE])
        if told is None:
            return None
        shown = Shown(*orjson.loads(told))
        return shown if self._clock() < shown.until else None


def _bound(channel: Channel, visitor: Visitor) -> str:
    return f"{UPLOAD} {channel.id} {visitor.id}"
