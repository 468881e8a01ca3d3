"""One HTTP exchange with Graph: the rims of certainty. Called by calls.py only.

The question that matters after a failure is whether the request can have reached Meta. It cannot
when no connection was made or none of its body was handed to one: then the exchange is repeated
here, quickly and a few times. In every other case it may have, and the caller is told so.
"""

import asyncio
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from aiohttp.abc import AbstractStreamWriter
from aiohttp.payload import BytesPayload
from prometheus_client import Counter
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_random_exponential
from typing_extensions import override
from yarl import URL

from metagraph.errors import Ambiguous, NotSent, Unreachable
from metagraph.taxonomy import RULES

MAX_TRIES = 3
MAX_ANSWER = 1024 * 1024
MAX_NAME = 128

RECONNECTS = Counter(
    "sluice_graph_reconnects_total", "Graph calls tried again because no connection was made."
)

_NO_NAME = re.compile(r"[^0-9A-Za-z._ -]")


@dataclass(frozen=True, slots=True)
class Form:
    """A file handed over as a part of a form, with the form's other fields."""

    fields: Mapping[str, str]
    part: str
    name: str
    mime_type: str
    content: bytes


@dataclass(frozen=True, slots=True, repr=False)
class Request:
    """A call: `body` is sent as JSON, or a form. `harmless`: doing it twice changes nothing.

    It has no repr: token and URL, which may hold one, must not end in a traceback or log.
    """

    method: str
    url: URL
    token: str
    body: Any = None
    form: Form | None = None
    harmless: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """What Graph answered, whatever the status."""

    status: int
    body: bytes
    retry_after: str | None


class Wire(BytesPayload):
    """A request body that knows whether any of it was handed to a connection."""

    handed = False

    @override
    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        self.handed = True
        await super().write_with_length(writer, content_length)


async def exchange(session: aiohttp.ClientSession, request: Request, timeout_s: float) -> Reply:
    """The reply, within `timeout_s` in all. Raises Unreachable or Ambiguous.

    NotSent for a body that is not to be written as JSON, such as one with a number of 80 bits.
    """
    wire = None
    if request.body is not None:
        wire = Wire(_written(request.body), content_type="application/json")
    tries = AsyncRetrying(
        retry=retry_if_exception_type(Unreachable),
        stop=stop_after_attempt(MAX_TRIES),
        wait=wait_random_exponential(multiplier=0.1, max=1.0),
        before_sleep=lambda _: RECONNECTS.inc(),
        reraise=True,
    )
    try:
        async with asyncio.timeout(timeout_s):
            return await tries(_once, session, request, wire)
    except TimeoutError:
        raise _unclear(request, wire, "timeout") from None


def _written(body: Any) -> bytes:
    try:
        return orjson.dumps(body)
    except TypeError:
        raise NotSent(RULES["content"], "unwritable") from None


async def _once(session: aiohttp.ClientSession, request: Request, wire: Wire | None) -> Reply:
    """One try. Causes are cut off (`from None`): aiohttp's errors carry the bearer header."""
    try:
        async with session.request(
            request.method,
            request.url,
            data=wire if request.form is None else _encoded(request.form),
            headers={"Authorization": f"Bearer {request.token}"},
            allow_redirects=False,
        ) as response:
            body = await _bounded(response)
            return Reply(response.status, body, response.headers.get("Retry-After"))
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        raise Unreachable(type(error).__name__) from None
    except TimeoutError:
        raise _unclear(request, wire, "timeout") from None
    except (aiohttp.ClientError, OSError):
        raise _unclear(request, wire, "reset") from None


def _encoded(form: Form) -> aiohttp.FormData:
    """The form, anew for each try. A file is read in pieces, and Meta wants its name in ASCII."""
    data = aiohttp.FormData(default_to_multipart=True)
    for field, value in form.fields.items():
        data.add_field(field, value)
    name = _NO_NAME.sub("_", form.name)[-MAX_NAME:] or "file"
    file = io.BytesIO(form.content)
    data.add_field(form.part, file, filename=name, content_type=form.mime_type)
    return data


async def _bounded(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_ANSWER:
            raise Ambiguous("oversized")
    return bytes(body)


def _unclear(request: Request, wire: Wire | None, reason: str) -> Unreachable | Ambiguous:
    never_left = wire is not None and not wire.handed
    return Unreachable(reason) if never_left or request.harmless else Ambiguous(reason)
