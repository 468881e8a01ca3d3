"""The rim that faces Meta: `GET` answers the handshake, `POST` takes webhooks in.

200 means: the signature was valid and every item of the body is on disk. ANSWERS is the whole
policy. Built by each service's main() for the role `receive`.

The signature is checked over the body after its Content-Encoding is undone (aiohttp does that, in
bounded steps): Meta signs the payload it made, the encoding belongs to the transport.
"""

import asyncio
import time
from dataclasses import dataclass

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from prometheus_client import Gauge

from adapter.intake import Intake, Refused
from chassis.metrics import count
from chassis.tally import Durations, Tally
from metagraph.challenge import Handshake, respond
from metagraph.signature import HEADER

ANSWERS: dict[str, int] = {
    "stored": 200,  # every item is durable, as an event or a dead letter
    "unsigned": 401,  # missing, malformed or wrong signature: nothing is stored
    "slow": 408,  # the body did not arrive in time
    "broken": 400,  # the body ended early or its encoding is broken
    "large": 413,  # above the bound, compressed or not; never truncated
    "busy": 503,  # the queue is at its bound
    "not_durable": 503,  # the bus is away or did not answer: may be stored, is deduplicated later
    "late": 503,  # not done within DEADLINE_S
    "failed": 503,  # an error of ours: Meta sends it again, and somebody mends it
}
"""Only 200 counts for WhatsApp; what gets anything else is sent again for up to seven days."""

RETRY_AFTER_S = 5
READ_S = 10.0
"""For a body of three megabytes at the speed of a bad line."""

TEXT = {"Content-Type": "text/plain; charset=utf-8", "Server": "sluice"}
"""Of answers that only Meta's senders read."""
HEADERS = {
    **TEXT,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
}
"""Of answers a browser might be made to show: the handshake reflects what it was sent."""

WEBHOOKS = Tally("sluice_webhooks", "Webhooks by their answer", ("answer", "reason"))
OPEN = Gauge("sluice_webhooks_open", "Webhooks being taken in")
SECONDS = Durations(
    "sluice_webhook_seconds",
    "From the first byte of a webhook to its answer",
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)

log = structlog.get_logger()


@dataclass(frozen=True)
class Limits:
    """`body`: bytes of one webhook. Meta sends up to 3 MB. The others in seconds."""

    body: int = 4 * 1024 * 1024
    read_s: float = READ_S


class Receiver:
    """Reads webhooks and answers them; what happens in between is the intake's."""

    def __init__(self, intake: Intake, limits: Limits | None = None) -> None:
        self._intake = intake
        self._limits = limits or Limits()
        self._open = 0
        OPEN.set_function(lambda: self._open)

    async def receive(self, request: web.Request) -> web.Response:
        started = time.perf_counter()
        answer, reason = "stored", ""
        self._open += 1
        try:
            body = self._at_hand(request)
            if body is None:
                body = await self._read(request)
            await self._intake.take(body, request.headers.get(HEADER))
        except Refused as refused:
            answer, reason = refused.answer, refused.reason
        except Exception:
            log.exception("webhook_failed")
            answer = "failed"
        finally:
            self._open -= 1
        WEBHOOKS.add((answer, reason))
        SECONDS.observe(time.perf_counter() - started)
        return _response(answer)

    def _at_hand(self, request: web.Request) -> bytes | None:
        """The body that came with its headers, as nearly all do; None: wait for it."""
        content = request.content
        if not content.is_eof() or content.exception() is not None:
            return None
        body = content.read_nowait()
        if len(body) > self._limits.body:
            raise Refused("large", "counted")
        return body

    async def _read(self, request: web.Request) -> bytes:
        """The whole body, never more than the limit of it. Raises Refused."""
        if (request.content_length or 0) > self._limits.body:
            raise Refused("large", "announced")
        try:
            async with asyncio.timeout(self._limits.read_s):
                return await request.read()
        except web.HTTPRequestEntityTooLarge:
            raise Refused("large", "counted") from None
        except TimeoutError:
            raise Refused("slow") from None
        except (web.RequestPayloadError, HttpProcessingError, ConnectionError):
            raise Refused("broken") from None


def _response(answer: str) -> web.Response:
    status = ANSWERS[answer]
    response = web.Response(status=status, body=answer.encode(), headers=TEXT)
    if status == web.HTTPServiceUnavailable.status_code:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def webhook_app(
    path: str, receiver: Receiver, handshake: Handshake, max_body: int
) -> web.Application:
    """The application of the listener that faces Meta: `path`, and 404 or 405 for all else."""

    async def verify(request: web.Request) -> web.Response:
        answer = handshake.answer(request.query)
        count("handshake", answer.outcome)
        response = respond(answer)
        response.headers.update(HEADERS)
        return response

    async def wrong_method(_request: web.Request) -> web.Response:
        return web.Response(status=405, headers={**HEADERS, "Allow": "GET, POST"})

    async def nothing_here(_request: web.Request) -> web.Response:
        return web.Response(status=404, headers=HEADERS)

    app = web.Application(client_max_size=max_body)
    app.add_routes(
        [
            web.get(path, verify, allow_head=False),
            web.post(path, receiver.receive),
            web.route("*", path, wrong_method),
            web.route("*", "/{path:.*}", nothing_here),
        ]
    )
    return app
