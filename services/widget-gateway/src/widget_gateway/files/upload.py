"""`POST …/files`: a visitor's file, taken while it streams in. Answered by a handle, for a message.

Rules of what is taken are filestore's (taking.py). Programs are refused: an inbox is no way to
hand one to whoever opens it.
"""

import orjson
import uuid_utils.compat as uuid_utils
from aiohttp import web

from adapter.media.limits import PROGRAMS
from chassis.metrics import count
from contracts.parts import StoredFile
from filestore import errors
from filestore.filenames import safe_filename
from filestore.store import FileStore
from filestore.taking import Coming, Taken, Taker
from widget_gateway.doors.calls import Call, Route
from widget_gateway.files.pieces import SILENT_S, pieces
from widget_gateway.files.shelf import Shelf
from widget_gateway.files.unsent import sent_key, unsent_key
from widget_gateway.limits import Limiter
from widget_gateway.lines.normalize import KINDS
from widget_gateway.places import Places
from widget_gateway.problems import Problem

PATH = "/files"
MAX_NAME = 1000
"""Characters of `name` that are looked at."""
AGAIN_S = 1.0
EVERYBODY = 64
EACH_ADDRESS = 24
"""Uploads at a time: visitors cost nothing, and who sends slowly holds a place for ten minutes."""


class UploadDoor:
    """Built in main()."""

    def __init__(
        self,
        files: FileStore,
        max_bytes: int,
        shelf: Shelf,
        limiter: Limiter,
        silent_s: float = SILENT_S,
    ) -> None:
        self._taker = Taker(files, max_bytes, PROGRAMS)
        self._places = Places("uploads", EVERYBODY, EACH_ADDRESS)
        self._shelf = shelf
        self._limiter = limiter
        self._silent_s = silent_s

    def routes(self) -> list[Route]:
        return [Route("POST", PATH, self.upload, held=True)]

    async def upload(self, call: Call) -> web.Response:
        """Stored, and its handle."""
        wait_s = await self._limiter.take("uploads", call.peer.counted_as)
        if wait_s:
            raise Problem("too_many_requests", retry_s=wait_s)
        if (call.request.content_length or 0) > self._taker.max_bytes:
            raise self._too_large()
        upload = uuid_utils.uuid7()
        taken = await self._taken(call, unsent_key(call.channel.workspace_id, upload))
        file = StoredFile(
            key=sent_key(call.channel.workspace_id, upload),
            mime_type=taken.mime_type,
            size=taken.stored.size,
            sha256=taken.stored.sha256,
            filename=taken.filename or safe_filename(None, taken.mime_type),
        )
        kind = KINDS.get(file.mime_type.partition("/")[0], "document")
        count("visitor_file", "taken", kind)
        told = {
            "file": self._shelf.handle(call.channel, call.visitor, file),
            "kind": kind,
            "mime_type": file.mime_type,
            "size": file.size,
            "name": file.filename,
        }
        return web.Response(status=201, body=orjson.dumps(told), content_type="application/json")

    async def _taken(self, call: Call, key: str) -> Taken:
        """Raises Problem for whatever is refused."""
        name = call.request.query.get("name", "")[-MAX_NAME:] or None
        declared = call.request.headers.get("Content-Type")
        coming = Coming(pieces(call.request.content, self._silent_s), declared, name)
        try:
            with self._places.take(call.peer.counted_as):
                return await self._taker.take(key, coming, call.visitor.id)
        except errors.TooLarge:
            raise self._too_large() from None
        except errors.Refused as refused:
            count("visitor_file", "refused")
            raise Problem("file_refused", str(refused)) from None
        except errors.TooManyAtOnce as many:
            raise Problem("too_many_requests", str(many), retry_s=AGAIN_S) from None
        except errors.Crowded:
            raise Problem("busy", retry_s=AGAIN_S) from None
        except errors.Retryable:
            count("visitor_file", "failed")
            raise Problem("unavailable") from None

    def _too_large(self) -> Problem:
        count("visitor_file", "too_large")
        return Problem("too_large", f"A file may have {self._taker.max_bytes} bytes.")
