"""Files, on the side of the emulator that speaks Graph: uploads, links, bytes.

WhatsApp: `POST /{number}/media`, `GET /{media id}` (graph_nodes.py), `GET /_media/{id}` with the
bearer. Messenger and Instagram: `POST /{account}/message_attachments`, `GET /_cdn/{id}` for all.
"""

from dataclasses import dataclass, field

import orjson
from aiohttp import BodyPartReader, hdrs, web

from metagraph.emulator import answers
from metagraph.emulator.faults import befall
from metagraph.emulator.graph_messages import VERSION
from metagraph.emulator.media import MAX_FILE, File
from metagraph.emulator.people import FACE
from metagraph.emulator.script import Call, Fault
from metagraph.emulator.world import World

MIB = 1024 * 1024
WHATSAPP_MOST = {"image": 5 * MIB, "audio": 16 * MIB, "video": 16 * MIB, "file": 100 * MIB}
PAGE_MOST = 25 * MIB
MAX_FIELD = 64 * 1024
FACE_PREFIX = "face-"


@dataclass(slots=True)
class Form:
    """A multipart body: its fields, and the one file."""

    fields: dict[str, str] = field(default_factory=dict)
    content: bytes = b""
    mime_type: str = "application/octet-stream"
    name: str | None = None


class GraphFiles:
    """Takes and gives files as Graph and Meta's CDN do."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """What stands at Graph's paths and at the CDN's."""
        return [
            web.post(VERSION + "/{id}/media", self.media),
            web.post(VERSION + "/{id}/message_attachments", self.attachment),
            web.get("/_media/{id}", self.bytes),
            web.get("/_cdn/{id}", self.cdn),
        ]

    async def media(self, request: web.Request) -> web.StreamResponse:
        """WhatsApp takes a file."""
        if not answers.bearer(request):
            return answers.no_token()
        form = await _read(request)
        if form is None or form.fields.get("messaging_product") != "whatsapp":
            return answers.error(100, "The parameters messaging_product and file are required.")
        mime_type = form.fields.get("type", form.mime_type)

        async def accept(_: int | None) -> web.Response:
            file = self._world.files.put(form.content, mime_type, form.name)
            if len(form.content) > WHATSAPP_MOST[file.family]:
                self._world.files.purge(file.id)
                return answers.error(131053, "The file is too large for its kind.")
            return answers.json(200, {"id": file.id})

        return await befall(request, self._fault(request, "upload"), accept)

    async def attachment(self, request: web.Request) -> web.StreamResponse:
        """A page takes a file."""
        if not answers.bearer(request):
            return answers.no_token()
        form = await _read(request)
        if form is None or not _names_attachment(form.fields.get("message", "")):
            return answers.error(100, "The parameters message and filedata are required.")
        if len(form.content) > PAGE_MOST:
            return answers.error(100, "The file is too large.", subcode=2018109)

        async def accept(_: int | None) -> web.Response:
            file = self._world.files.put(form.content, form.mime_type, form.name)
            return answers.json(200, {"attachment_id": file.id})

        return await befall(request, self._fault(request, "upload"), accept)

    async def bytes(self, request: web.Request) -> web.StreamResponse:
        """The bytes behind a link; like Meta, unknown, expired and unauthorized look alike."""
        number = request.match_info["id"]
        good = answers.bearer(request) and self._world.links.good(number, request.query)

        async def accept(_: int | None) -> web.Response:
            return _give(self._world.files.get(number) if good else None)

        return await befall(request, self._fault(request, "file"), accept)

    async def cdn(self, request: web.Request) -> web.StreamResponse:
        """A file or a face, to anybody who has the URL."""
        number = request.match_info["id"]
        if number.startswith(FACE_PREFIX):
            return web.Response(body=FACE, content_type="image/png")

        async def accept(_: int | None) -> web.Response:
            return _give(self._world.files.get(number))

        return await befall(request, self._fault(request, "file"), accept)

    def _fault(self, request: web.Request, kind: str) -> Fault | None:
        number = request.match_info["id"]
        return self._world.script.take(Call(number, number, kind, None, shy=True))


def _give(file: File | None) -> web.Response:
    if file is None:
        return web.Response(status=404, text="not found")
    return web.Response(body=file.content, headers={hdrs.CONTENT_TYPE: file.mime_type})


def _names_attachment(message: str) -> bool:
    try:
        given = orjson.loads(message)
        return isinstance(given["attachment"]["type"], str)
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return False


async def _read(request: web.Request) -> Form | None:
    """The form, when it is one with a file that is not empty; larger than MAX_FILE is a 413."""
    if not request.content_type.startswith("multipart/"):
        return None
    form = Form()
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            return None
        content = await _bounded(part, MAX_FILE if part.filename else MAX_FIELD)
        if part.filename:
            form.content, form.name = content, part.filename
            form.mime_type = part.headers.get(hdrs.CONTENT_TYPE, form.mime_type)
        else:
            form.fields[part.name] = content.decode(errors="replace")
    return form if form.content else None


async def _bounded(part: BodyPartReader, most: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(256 * 1024):
        content += chunk
        if len(content) > most:
            raise web.HTTPRequestEntityTooLarge(max_size=most, actual_size=len(content))
    return bytes(content)
