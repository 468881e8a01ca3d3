"""One call to Graph: checked, exchanged, counted. The ground GraphClient stands on.

A call ends in a value or raises a GraphError (errors.py) that says what is certain. The token
goes in the Authorization header: not into an error or a log, and into no URL. Redirects are not
followed, because they would take the token to a host nobody allowed.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import aiohttp
import orjson
from prometheus_client import Counter, Histogram

from metagraph import origins
from metagraph.errors import Ambiguous, GraphError, NotSent, Unreachable, classify
from metagraph.exchange import Form, Reply, Request, exchange
from metagraph.reading import object_of
from metagraph.taxonomy import RULES

VERSION = "v23.0"
TIMEOUT_S = 15.0
UPLOAD_TIMEOUT_S = 120.0
"""100 MB, the largest file there is, at 7 Mbit/s."""

CALLS = Counter(
    "sluice_graph_calls_total",
    "Calls to Graph by what they came to: ok, not_sent or ambiguous.",
    ("call", "outcome", "reason"),
)
SECONDS = Histogram(
    "sluice_graph_call_seconds",
    "How long calls to Graph take, quick reconnects included.",
    ("call",),
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 120),
)

_VERSION = re.compile(r"v\d{1,3}\.\d")
_NODE = re.compile(r"[0-9A-Za-z_-]{1,128}")
_TOKEN = re.compile(r"[!-~]{1,1024}")

T = TypeVar("T")


class Calls:
    """Calls one version of Graph at one allowed origin. Raises ValueError for any other.

    In every call, `call` names it in metrics and in the table of errors, `path` is made of ids,
    and `read` makes the value of the answer's JSON; None: what was asked for is not there.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        origin: str = origins.META,
        allowed: Collection[str] = origins.GRAPH,
        version: str = VERSION,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        if not _VERSION.fullmatch(version):
            raise ValueError(f"{version!r} is no version of Graph, such as {VERSION}")
        self._session = session
        self._origin = origins.checked(origin, allowed)
        self._base = self._origin / version
        self._timeout_s = timeout_s

    async def get(
        self,
        call: str,
        path: tuple[str, ...],
        token: str,
        *,
        read: Callable[[Any], T | None],
        query: Mapping[str, str] | None = None,
        versioned: bool = True,
    ) -> T:
        """Read something. Asking twice does no harm, so an unclear end is NotSent too."""
        _check(call, path, token)
        url = (self._base if versioned else self._origin).joinpath(*path).with_query(query)
        request = Request("GET", url, token, harmless=True)
        return await self._call(call, request, read, self._timeout_s)

    async def post(
        self,
        call: str,
        path: tuple[str, ...],
        token: str,
        body: Mapping[str, Any],
        *,
        read: Callable[[Any], T | None],
        harmless: bool = False,
    ) -> T:
        """Change something. `harmless`: doing it twice is the same, so it is always NotSent."""
        _check(call, path, token)
        url = self._base.joinpath(*path)
        request = Request("POST", url, token, dict(body), harmless=harmless)
        return await self._call(call, request, read, self._timeout_s)

    async def upload(
        self,
        call: str,
        path: tuple[str, ...],
        token: str,
        form: Form,
        *,
        read: Callable[[Any], T | None],
        timeout_s: float = UPLOAD_TIMEOUT_S,
    ) -> T:
        """Hand a file over. A second copy does no harm, so an unclear end is NotSent."""
        _check(call, path, token)
        request = Request("POST", self._base.joinpath(*path), token, form=form, harmless=True)
        return await self._call(call, request, read, timeout_s)

    async def _call(
        self, call: str, request: Request, read: Callable[[Any], T | None], timeout_s: float
    ) -> T:
        try:
            with SECONDS.labels(call).time():
                reply = await exchange(self._session, request, timeout_s)
                value = _value(call, reply, read)
        except Ambiguous as error:
            if not request.harmless:
                raise _counted(call, error) from None
            raise _counted(call, Unreachable(error.reason)) from None
        except GraphError as error:
            raise _counted(call, error) from None
        CALLS.labels(call, "ok", "").inc()
        return value


def _counted(call: str, error: GraphError) -> GraphError:
    outcome = "ambiguous" if isinstance(error, Ambiguous) else "not_sent"
    CALLS.labels(call, outcome, error.reason).inc()
    return error


def _check(call: str, path: tuple[str, ...], token: str) -> None:
    """Ids become parts of a URL and the token a header: neither may break out of its place."""
    if not all(_NODE.fullmatch(part) for part in path):
        raise _counted(call, NotSent(RULES["content"], "malformed_id"))
    if not _TOKEN.fullmatch(token):
        raise _counted(call, NotSent(RULES["auth"], "malformed_token"))


def _value(call: str, reply: Reply, read: Callable[[Any], T | None]) -> T:
    if reply.status != 200:  # noqa: PLR2004 - Graph's only success
        raise classify(reply.status, reply.body, reply.retry_after, call)
    try:
        answer = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        raise Ambiguous("no_json") from None
    if object_of((object_of(answer) or {}).get("error")) is not None:
        raise classify(reply.status, reply.body, reply.retry_after, call)
    value = read(answer)
    if value is None:
        raise Ambiguous("no_id")
    return value
