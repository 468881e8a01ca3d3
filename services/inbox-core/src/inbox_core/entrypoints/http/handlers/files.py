"""Files: what a person is about to send, and what a message holds."""

from collections.abc import Mapping

from filestore.errors import Missing, OutOfRange
from filestore.serving import headers_of, names, read_range
from filestore.taking import Coming
from inbox_core.app.media import retry_media as fetch_again
from inbox_core.app.uploads import find_file
from inbox_core.domain.errors import Gone, NotRetryable
from inbox_core.domain.files import File
from inbox_core.entrypoints.http import parsing
from inbox_core.entrypoints.http.models import FileQuery
from inbox_core.entrypoints.http.problems import Problem, Refused
from inbox_core.entrypoints.http.route import Answer, Backend, Call, Content

FOR_EVER = "private, max-age=31536000, immutable"
"""What a file's address holds never changes; whether somebody may see it is asked of us."""


async def upload(backend: Backend, call: Call) -> Answer:
    """Stored as it streams in."""
    query: FileQuery = call.query
    uploads = backend.uploads
    if (call.request.content_length or 0) > uploads.max_bytes:
        detail = f"A file may have {uploads.max_bytes} bytes."
        raise Problem("body_too_large", detail, headers={"Connection": "close"})
    coming = Coming(
        parsing.read_chunks(call.request), call.request.headers.get("Content-Type"), query.filename
    )
    file = await uploads.take(
        backend.store, call.workspace, coming, call.caller.actor, backend.clock()
    )
    return Answer(file, status=201)


async def download(backend: Backend, call: Call) -> Answer:
    """The bytes, or a range of them; shown in place only where a browser runs nothing of it."""
    file = await find_file(backend.store, call.key("file_id"), backend.clock())
    headers = _headers(file)
    if names(call.request.headers.get("If-None-Match"), headers["ETag"]):
        return Answer(None, status=304, headers=headers)
    asked = call.request.headers
    part = read_range(asked.get("Range"), asked.get("If-Range"), headers["ETag"], file.size)
    try:
        opened = await backend.uploads.files.get(file.key, *(part or (0, None)))
    except OutOfRange as error:
        headers = {"Content-Range": f"bytes */{error.size}"}
        raise Problem("range_not_satisfiable", headers=headers) from None
    except Missing:
        raise Gone("The file was deleted.") from None
    content = Content(opened.chunks, file.mime_type, opened.end - opened.start)
    if part is None:
        return Answer(None, headers=headers, content=content)
    place = f"bytes {opened.start}-{opened.end - 1}/{opened.size}"
    return Answer(None, status=206, headers={**headers, "Content-Range": place}, content=content)


async def retry_media(backend: Backend, call: Call) -> Answer:
    """Another attempt at a file of a message that could not be copied."""
    key = call.key("conversation_id")
    try:
        message = await fetch_again(
            backend.store,
            key,
            call.ids["message_id"],
            call.numbers["part"],
            call.caller.actor,
            backend.clock(),
        )
    except NotRetryable as error:
        raise Refused(error, await backend.reading.conversation(key)) from None
    return Answer(message, status=202)


def _headers(file: File) -> Mapping[str, str]:
    tag = f'"{file.sha256[:32]}"'
    return {**headers_of(file.filename, file.mime_type, tag), "Cache-Control": FOR_EVER}
