"""The rim that faces Meta: `GET` answers the handshake, `POST` takes webhooks in.

200 means: the signature was valid and every item of the body is on disk. ANSWERS is the whole
policy. Built by main.py for the role `receive`.

The signature is checked over the body after its Content-Encoding is undone (aiohttp does that, in
bounded steps): Meta signs the payload it made, the encoding belongs to the transport.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from prometheus_client import Gauge

from bus.batching import Batcher
from bus.dead import DeadLetters
from bus.errors import Overloaded, Permanent, Retryable
from chassis.metrics import count
from chassis.tally import Durations, Tally
from contracts import subjects
from contracts.ids import digest
from ingest_whatsapp.normalize.bodies import Normalized
from ingest_whatsapp.normalize.items import CHANNEL
from ingest_whatsapp.payloads import Item, Parsed, parse
from metagraph.challenge import Handshake, respond
from metagraph.signature import HEADER, Signatures

PATH = "/webhooks/whatsapp"

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
DEADLINE_S = 3.0
"""From the read body to the answer."""

SLICE = 250
"""Items normalized before other requests get a turn: some ten milliseconds."""
MAX_LETTERS = 16
"""Quarantined items of one body that get a dead letter each; of more, the whole body gets one."""
MAX_KINDS = 1000
"""New kinds remembered, so that each is logged once."""

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
ITEMS = Tally("sluice_webhook_items", "Items of authentic webhooks, repeats included", ())
MENDED = Tally("sluice_webhook_mended", "Strings with characters nothing can store", ())
OPEN = Gauge("sluice_webhooks_open", "Webhooks being taken in")
SECONDS = Durations(
    "sluice_webhook_seconds",
    "From the first byte of a webhook to its answer",
    (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)

INBOUND = subjects.inbound(CHANNEL)

log = structlog.get_logger()


class Refused(Exception):
    """A webhook that gets no 200. `answer` is a key of ANSWERS, `reason` a word for the counter."""

    def __init__(self, answer: str, reason: str = "") -> None:
        super().__init__(answer, reason)
        self.answer = answer
        self.reason = reason


@dataclass(frozen=True)
class Limits:
    """`body`: bytes of one webhook. Meta sends up to 3 MB. The others in seconds."""

    body: int = 4 * 1024 * 1024
    read_s: float = READ_S
    deadline_s: float = DEADLINE_S


class Receiver:
    """Takes webhooks in: read, verify, parse, normalize, publish, and only then 200."""

    def __init__(
        self,
        signatures: Signatures,
        batcher: Batcher,
        dead: DeadLetters,
        limits: Limits | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._signatures = signatures
        self._batcher = batcher
        self._dead = dead
        self._limits = limits or Limits()
        self._clock = clock
        self._kinds_seen: set[str] = set()
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
            self._authenticate(body, request.headers.get(HEADER))
            await self._accept(body)
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

    def _authenticate(self, body: bytes, signature: str | None) -> None:
        verdict = self._signatures.verify(body, signature)
        if not verdict:
            raise Refused("unsigned", verdict.value)

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

    async def _accept(self, body: bytes) -> None:
        """An authentic body, item by item; returns when everything is durable. Raises Refused."""
        parsed = parse(body)
        items = len(parsed.items) or 1
        ITEMS.add((), items)
        if parsed.mended:
            MENDED.add((), parsed.mended)
        try:
            await self._store(parsed, body)
        except (Retryable, TimeoutError) as error:
            refused = _refusal(error)
            count("receive", "refused", refused.reason, items)
            raise refused from None

    async def _store(self, parsed: Parsed, body: bytes) -> None:
        """Nearly every body is small and whole: its events are published at once.

        The batcher's deadline is the only one that needs. Any other body may take several steps,
        within a deadline. Raises Retryable, TimeoutError.
        """
        if parsed.refused is None and len(parsed.items) <= SLICE:
            normalized = Normalized().take(parsed.items, self._clock())
            if not normalized.quarantined:
                await self._publish(normalized, body)
                return
        async with asyncio.timeout(self._limits.deadline_s):
            if parsed.refused is not None:
                await self._bury(parsed.refused, body)
                count("receive", "quarantined", parsed.refused)
                return
            normalized = await self._normalize(parsed.items)
            # Events first: a repeat of them is recognized by everybody, one of a letter by few.
            await self._publish(normalized, body)
            await self._bury_items(normalized, body)

    async def _publish(self, normalized: Normalized, body: bytes) -> None:
        try:
            await self._batcher.publish(INBOUND, normalized.events)
        except Permanent:
            log.exception("webhook_unpublishable")
            await self._bury("unpublishable", body)
            count("receive", "quarantined", "unpublishable", sum(normalized.outcomes.values()))
            return
        for (outcome, reason), items in normalized.outcomes.items():
            count("receive", outcome, reason, items)
        if normalized.unsupported or normalized.bugs:
            self._report(normalized)

    async def _bury_items(self, normalized: Normalized, body: bytes) -> None:
        letters = dict.fromkeys((q.reason, q.body or body) for q in normalized.quarantined)
        if len(letters) > MAX_LETTERS:
            letters = dict.fromkeys([("quarantined", body)])
        for reason, letter in letters:
            await self._bury(reason, letter)

    async def _normalize(self, items: list[Item]) -> Normalized:
        received_at = self._clock()
        normalized = Normalized()
        for start in range(0, len(items), SLICE):
            if start:
                await asyncio.sleep(0)
            normalized.take(items[start : start + SLICE], received_at)
        return normalized

    async def _bury(self, reason: str, body: bytes) -> None:
        await self._dead.put(
            reason,
            body,
            detail="an authentic webhook, or an item of one, that no event can carry",
            subject="",
            channel=CHANNEL,
            shape="message",
            message_id=f"{CHANNEL}:{reason}:{digest(body)}",
        )

    def _report(self, normalized: Normalized) -> None:
        """New kinds once a process, so that somebody learns what Meta has begun to send."""
        for kind in normalized.unsupported:
            if kind not in self._kinds_seen and len(self._kinds_seen) < MAX_KINDS:
                self._kinds_seen.add(kind)
                log.info("unsupported_kind_seen", kind=kind)
        for bug in normalized.bugs[:1]:
            log.error("normalizer_failed", items=len(normalized.bugs), exc_info=bug)


def _refusal(error: Retryable | TimeoutError) -> Refused:
    """What an error of the bus means to Meta."""
    match error:
        case Overloaded():
            return Refused("busy", "overloaded")
        case Retryable():
            return Refused("not_durable", type(error).__name__.lower())
        case _:
            return Refused("late", "late")


def _response(answer: str) -> web.Response:
    status = ANSWERS[answer]
    response = web.Response(status=status, body=answer.encode(), headers=TEXT)
    if status == web.HTTPServiceUnavailable.status_code:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def webhook_app(receiver: Receiver, handshake: Handshake, max_body: int) -> web.Application:
    """The application of the listener that faces Meta: PATH, and 404 or 405 for all else."""

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
            web.get(PATH, verify, allow_head=False),
            web.post(PATH, receiver.receive),
            web.route("*", PATH, wrong_method),
            web.route("*", "/{path:.*}", nothing_here),
        ]
    )
    return app
