"""The Graph client: how an adapter calls Meta. Built in main(), used by `deliver`.

A call ends in a value or raises a GraphError (errors.py) that says what is certain. The token
goes in the Authorization header and nowhere else: not into a URL, an error or a log. Redirects
are not followed, because they would take the token to a host nobody allowed.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import aiohttp
import orjson
from prometheus_client import Counter, Histogram

from metagraph import origins
from metagraph.errors import Ambiguous, GraphError, NotSent, classify
from metagraph.exchange import Reply, Request, exchange
from metagraph.taxonomy import RULES

VERSION = "v23.0"
TIMEOUT_S = 15.0
CONNECT_S = 5.0
CONNECTIONS = 128

CALLS = Counter(
    "sluice_graph_calls_total",
    "Calls to Graph by what they came to: ok, not_sent or ambiguous.",
    ("call", "outcome", "reason"),
)
SECONDS = Histogram(
    "sluice_graph_call_seconds",
    "How long calls to Graph take, quick reconnects included.",
    ("call",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15),
)

_VERSION = re.compile(r"v\d{1,3}\.\d")
_NODE = re.compile(r"[0-9A-Za-z_-]{1,128}")
_TOKEN = re.compile(r"[!-~]{1,1024}")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom Meta understood `input` to be; what it does not tell is None."""

    input: str | None
    wa_id: str | None
    user_id: str | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A message Meta accepted. What becomes of it arrives later, in status webhooks."""

    message_id: str
    contacts: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True)
class MediaLink:
    """Where a file of a webhook lies: `url` lives five minutes and wants the bearer too."""

    url: str
    mime_type: str | None
    sha256: str | None
    file_size: int | None


def open_session(connections: int = CONNECTIONS) -> aiohttp.ClientSession:
    """The pool of connections a GraphClient works on; its owner closes it.

    The environment's proxies are not trusted and no cookie is kept. Waiting for a free
    connection counts as connecting: it fails before anything was sent.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections, ttl_dns_cache=60),
        timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "sluice"},
        trust_env=False,
    )


class GraphClient:
    """Calls one version of Graph at one allowed origin. Raises ValueError for any other."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        origin: str = origins.META,
        allowed: Collection[str] = (origins.META,),
        version: str = VERSION,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        if not _VERSION.fullmatch(version):
            raise ValueError(f"{version!r} is no version of Graph, such as {VERSION}")
        self._session = session
        self._base = origins.checked(origin, allowed) / version
        self._timeout_s = timeout_s

    async def send_message(self, phone_number_id: str, token: str, body: Mapping[str, Any]) -> Sent:
        """Send a WhatsApp message: `body` as in Meta's "Messages" reference.

        Raises NotSent, or Ambiguous when Meta may have accepted it.
        """
        return await self.post("send", (phone_number_id, "messages"), token, body, read=_sent)

    async def subscribe_app(self, waba_id: str, token: str) -> None:
        """Ask for the webhooks of a WhatsApp business account."""
        await self.post("subscribe", (waba_id, "subscribed_apps"), token, {}, read=_object)

    async def get_media(self, media_id: str, token: str) -> MediaLink:
        """Where the file of a webhook's media id lies now."""
        return await self.get("media", (media_id,), token, read=_media)

    async def get(
        self,
        call: str,
        path: tuple[str, ...],
        token: str,
        *,
        read: Callable[[Any], T | None],
        query: Mapping[str, str] | None = None,
    ) -> T:
        """Read something. `call` names it in metrics; `read` makes the value, None: not there.

        Asking twice does no harm, so an unclear end is NotSent too.
        """
        return await self._call(call, "GET", path, token, read=read, query=query, harmless=True)

    async def post(
        self,
        call: str,
        path: tuple[str, ...],
        token: str,
        body: Mapping[str, Any],
        *,
        read: Callable[[Any], T | None],
    ) -> T:
        """Change something. `call` names it in metrics; `read` makes the value, None: not there."""
        return await self._call(call, "POST", path, token, read=read, body=body)

    async def _call(
        self,
        call: str,
        method: str,
        path: tuple[str, ...],
        token: str,
        *,
        read: Callable[[Any], T | None],
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        harmless: bool = False,
    ) -> T:
        try:
            with SECONDS.labels(call).time():
                _check(path, token)
                url = self._base.joinpath(*path).with_query(query)
                request = Request(method, url, token, body, harmless)
                value = _value(await exchange(self._session, request, self._timeout_s), read)
        except GraphError as error:
            outcome = "ambiguous" if isinstance(error, Ambiguous) else "not_sent"
            CALLS.labels(call, outcome, error.reason).inc()
            raise
        CALLS.labels(call, "ok", "").inc()
        return value


def _check(path: tuple[str, ...], token: str) -> None:
    """Ids become parts of a URL and the token a header: neither may break out of its place."""
    if not all(_NODE.fullmatch(part) for part in path):
        raise NotSent(RULES["content"], "malformed_id")
    if not _TOKEN.fullmatch(token):
        raise NotSent(RULES["auth"], "malformed_token")


def _value(reply: Reply, read: Callable[[Any], T | None]) -> T:
    if reply.status != 200:  # noqa: PLR2004 - Graph's only success
        raise classify(reply.status, reply.body, reply.retry_after)
    try:
        answer = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        raise Ambiguous("no_json") from None
    if isinstance(answer, dict) and isinstance(answer.get("error"), dict):
        raise classify(reply.status, reply.body, reply.retry_after)
    value = read(answer)
    if value is None:
        raise Ambiguous("no_id")
    return value


def _object(answer: Any) -> dict[str, Any] | None:
    return answer if isinstance(answer, dict) else None


def _sent(answer: Any) -> Sent | None:
    """`{"messages": [{"id": …}], "contacts": [{"input", "wa_id"?, "user_id"?}]}`."""
    messages = _objects(answer, "messages")
    message_id = _text(messages[0], "id") if messages else None
    if message_id is None:
        return None
    contacts = tuple(
        Recipient(_text(one, "input"), _text(one, "wa_id"), _text(one, "user_id"))
        for one in _objects(answer, "contacts")
    )
    return Sent(message_id, contacts)


def _media(answer: Any) -> MediaLink | None:
    """`{"url", "mime_type", "sha256", "file_size", "id"}`."""
    found = _object(answer) or {}
    url = _text(found, "url")
    size = found.get("file_size")
    if url is None:
        return None
    size = int(size) if isinstance(size, int | str) and str(size).isdecimal() else None
    return MediaLink(url, _text(found, "mime_type"), _text(found, "sha256"), size)


def _objects(answer: Any, key: str) -> list[dict[str, Any]]:
    items = answer.get(key) if isinstance(answer, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _text(item: dict[str, Any], key: str) -> str | None:
    value = item.get(key)
    return value if isinstance(value, str) and value else None
