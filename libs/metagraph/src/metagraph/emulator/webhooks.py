"""The sender of webhooks: signs, posts, and repeats until it is answered 200, as Meta does.

Filled by statuses.py and inbound.py. Bounded everywhere: so many wait, so many are under way, each
is repeated with growing pauses and given up after a while. It outlives the service it posts to: a
webhook waits out a restart, and its URL is looked up anew for every try.
"""

import asyncio
import hmac
import io
import random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import aiohttp
from yarl import URL

from metagraph.emulator.settings import EmulatorSettings
from metagraph.signature import HEADER, sign

Origin = Literal["inbound", "status", "echo"]
Settled = Literal["delivered", "given_up", "forgotten"]
STOP_S = 5.0
MAX_TEXT = 65536
LARGE = 512 * 1024

_LIKE_META = {
    "Content-Type": "application/json",
    "User-Agent": "facebookexternalua",
    "Accept-Encoding": "deflate, gzip",
    "Facebook-API-Version": "v23.0",
}


class Full(Exception):
    """As many webhooks wait as may."""


class Unrouted(Exception):
    """No URL is set for this object."""


@dataclass(eq=False, slots=True)
class Webhook:
    """A body on its way. `settled` ends when it was answered 200, given up or forgotten."""

    object: str
    body: bytes
    origin: Origin
    settled: asyncio.Future[Settled]
    headers: dict[str, str] = field(default_factory=dict)
    attempts: int = 0
    first_at: float = 0.0


class Webhooks:
    """Posts webhooks to the URL of their object. Start it once, stop it once."""

    def __init__(self, settings: EmulatorSettings) -> None:
        self._settings = settings
        self._secret = settings.meta_app_secrets[0].get_secret_value().encode()
        self._urls: dict[str, URL] = {}
        self._ready: asyncio.Queue[Webhook] = asyncio.Queue()
        self._later: dict[Webhook, asyncio.TimerHandle] = {}
        self._unsettled: set[Webhook] = set()
        self._workers: list[asyncio.Task[None]] = []
        self._session: aiohttp.ClientSession | None = None
        self._counts: Counter[str] = Counter()
        self._answers: Counter[str] = Counter()
        for name, url in settings.emulator_webhooks.items():
            self.route(name, url)

    async def start(self) -> None:
        """Open the connections."""
        count = self._settings.emulator_connections
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=count + 8),
            timeout=aiohttp.ClientTimeout(total=self._settings.emulator_answer_s),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )
        self._workers = [asyncio.create_task(self._work()) for _ in range(count)]

    async def stop(self) -> None:
        """Forget what waits and close the connections."""
        for worker in self._workers:
            worker.cancel()
        if self._workers:
            await asyncio.wait(self._workers, timeout=STOP_S)
        self.forget()
        if self._session is not None:
            await self._session.close()

    def route(self, name: str, url: str) -> None:
        """Send webhooks of this object there from now on. Raises ValueError."""
        target = URL(url)
        if target.scheme not in {"http", "https"} or not target.host:
            raise ValueError("a webhook URL is http(s)://host[:port]/path")
        self._urls[name] = target

    def url(self, name: str) -> URL:
        """Where webhooks of this object go. Raises Unrouted."""
        try:
            return self._urls[name]
        except KeyError:
            raise Unrouted(f"no webhook URL is set for {name}") from None

    def check_room(self, name: str, count: int) -> None:
        """Whether `count` more webhooks of an object can wait. Raises Unrouted or Full."""
        self.url(name)
        if len(self._unsettled) + count > self._settings.emulator_max_pending:
            raise Full(f"{len(self._unsettled)} webhooks wait already")

    def submit(self, name: str, body: bytes, origin: Origin, delay_s: float = 0.0) -> Webhook:
        """Send a body, not before `delay_s`. Raises Unrouted or Full."""
        self.check_room(name, 1)
        loop = asyncio.get_running_loop()
        webhook = Webhook(name, body, origin, loop.create_future())
        self._unsettled.add(webhook)
        self._counts[f"{origin}_submitted"] += 1
        self._queue(webhook, delay_s)
        return webhook

    async def post(self, name: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        """One POST with headers beside Meta's usual ones: the status and text of its answer.

        Raises Unrouted, aiohttp.ClientError or TimeoutError.
        """
        # aiohttp wants a large body as a file, so that it is written in pieces.
        data = body if len(body) < LARGE else io.BytesIO(body)
        async with self._open().post(
            self.url(name), data=data, headers=_LIKE_META | headers, allow_redirects=False
        ) as response:
            return response.status, (await response.content.read(MAX_TEXT)).decode(errors="replace")

    async def verify(self, name: str, token: str, challenge: str) -> tuple[int, str]:
        """The subscription handshake: the status and text of the answer.

        Raises as `post`.
        """
        query = {"hub.mode": "subscribe", "hub.verify_token": token, "hub.challenge": challenge}
        url = self.url(name).update_query(query)
        async with self._open().get(url, allow_redirects=False) as response:
            return response.status, (await response.content.read(MAX_TEXT)).decode(errors="replace")

    def signed(self, body: bytes) -> dict[str, str]:
        """The headers that show a body to be Meta's."""
        sha1 = hmac.digest(self._secret, body, "sha1").hex()
        return {HEADER: sign(body, self._secret), "X-Hub-Signature": f"sha1={sha1}"}

    def summary(self) -> dict[str, Any]:
        """Counts of webhooks: by origin, by answer, and how many are still on their way."""
        counts = {
            f"{origin}_{what}": self._counts[f"{origin}_{what}"]
            for origin in ("inbound", "status", "echo")
            for what in ("submitted", "delivered", "given_up")
        }
        return counts | {
            "posts": self._counts["posts"],
            "retried": self._counts["retried"],
            "unrouted": self._counts["unrouted"],
            "dropped": self._counts["dropped"],
            "answers": dict(self._answers),
            "pending": len(self._unsettled),
        }

    def count_lost(self, what: Literal["unrouted", "dropped"], count: int = 1) -> None:
        """Webhooks that could not be submitted, and whose origin goes on without."""
        self._counts[what] += count

    def forget(self) -> None:
        """Drop what waits and set the counts to nought; what is under way ends uncounted."""
        for handle in self._later.values():
            handle.cancel()
        self._later.clear()
        with suppress(asyncio.QueueEmpty):
            while True:
                self._ready.get_nowait()
        for webhook in self._unsettled:
            if not webhook.settled.done():
                webhook.settled.set_result("forgotten")
        self._unsettled.clear()
        self._counts.clear()
        self._answers.clear()

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("not started")
        return self._session

    def _queue(self, webhook: Webhook, delay_s: float) -> None:
        if delay_s <= 0:
            self._ready.put_nowait(webhook)
            return
        loop = asyncio.get_running_loop()
        self._later[webhook] = loop.call_later(delay_s, self._due, webhook)

    def _due(self, webhook: Webhook) -> None:
        self._later.pop(webhook, None)
        self._ready.put_nowait(webhook)

    async def _work(self) -> None:
        while True:
            webhook = await self._ready.get()
            answer = await self._try(webhook)
            if webhook in self._unsettled:
                self._judge(webhook, answer)

    async def _try(self, webhook: Webhook) -> str:
        webhook.headers = webhook.headers or self.signed(webhook.body)
        webhook.first_at = webhook.first_at or asyncio.get_running_loop().time()
        webhook.attempts += 1
        try:
            status, _ = await self.post(webhook.object, webhook.body, webhook.headers)
        except TimeoutError:
            return "timeout"
        except (aiohttp.ClientError, OSError):
            return "unreachable"
        return str(status)

    def _judge(self, webhook: Webhook, answer: str) -> None:
        """Only 200 counts for Meta; anything else is tried again until its time is up."""
        settings = self._settings
        self._answers[answer] += 1
        self._counts["posts"] += 1
        self._counts["retried"] += webhook.attempts > 1
        age = asyncio.get_running_loop().time() - webhook.first_at
        if answer != "200" and age < settings.emulator_retry_for_s:
            pause = settings.emulator_retry_first_s * 2 ** min(webhook.attempts - 1, 20)
            pause = min(pause, settings.emulator_retry_max_s) * random.uniform(0.5, 1)  # noqa: S311 - spread, no secret
            self._queue(webhook, pause)
            return
        outcome: Settled = "delivered" if answer == "200" else "given_up"
        self._counts[f"{webhook.origin}_{outcome}"] += 1
        self._unsettled.discard(webhook)
        webhook.settled.set_result(outcome)
