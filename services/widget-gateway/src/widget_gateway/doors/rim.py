"""The rim: what every request of a visitor passes before its door, and every answer after it.

In this order: the channel by its word, the origin by the channel's list, the session where a door
asks for one. Preflights are answered here. A widget stands on other people's sites and uses no
cookies, so answers name the origin that asked and never allow credentials.
"""

from collections.abc import Awaitable, Callable, Sequence

import structlog
from aiohttp import hdrs, web

from bus.errors import Retryable
from chassis.addresses import Network
from chassis.metrics import count
from widget_gateway.doors.calls import Call, Route
from widget_gateway.peers import peer_of
from widget_gateway.problems import BY_STATUS, Problem
from widget_gateway.sessions.tokens import MAX_TOKEN, SessionRefused
from widget_gateway.site.channels import Channel, Directory
from widget_gateway.visitor import Visitor

PREFIX = "/widget/v1"
CHANNEL_PATH = PREFIX + "/{channel:[A-Za-z0-9_-]{1,64}}"
BEARER = "Bearer "
PREFLIGHT_S = 7200
"""How long a browser may remember what it may ask; browsers cap it themselves."""

SECURE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""Of every answer that does not say otherwise itself."""
PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": "GET, POST, DELETE",
    "Access-Control-Allow-Headers": "authorization, content-type",
    "Access-Control-Max-Age": str(PREFLIGHT_S),
}
CHANNEL_REFUSALS = frozenset({"unknown_channel", "foreign_origin"})
"""Readable by any page, so that whoever sets a site up sees why: they say nothing of anybody."""

CORS_ORIGIN = "Access-Control-Allow-Origin"
ALLOWED = web.RequestKey("allowed_origin", str)
"""The origin of a request, once the channel's list has let it through."""

Redeem = Callable[[Channel, str], Awaitable[Visitor]]
WebHandler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger()


class Rim:
    """`redeem`: the visitor of a token; raises SessionRefused, or Retryable while unknown."""

    def __init__(self, directory: Directory, redeem: Redeem, trusted: Sequence[Network]) -> None:
        self._directory = directory
        self._redeem = redeem
        self._trusted = trusted

    def install(self, app: web.Application, routes: Sequence[Route]) -> None:
        """Add the routes, and a preflight for each of their paths."""
        for route in routes:
            app.router.add_route(route.method, CHANNEL_PATH + route.path, self._guarded(route))
        for path in dict.fromkeys(route.path for route in routes):
            app.router.add_route(hdrs.METH_OPTIONS, CHANNEL_PATH + path, self._preflight)

    def _guarded(self, route: Route) -> WebHandler:
        async def handle(request: web.Request) -> web.StreamResponse:
            channel = self._channel(request)
            _check_origin(request, channel, optional=route.anonymous_origin)
            holder = await self._holder(request, channel) if route.held else None
            call = Call(request, channel, peer_of(request, self._trusted), holder)
            return await route.handler(call)

        return handle

    async def _preflight(self, request: web.Request) -> web.StreamResponse:
        _check_origin(request, self._channel(request), optional=False)
        return web.Response(status=204, headers=PREFLIGHT_HEADERS)

    def _channel(self, request: web.Request) -> Channel:
        channel = self._directory.find(request.match_info["channel"])
        if channel is None:
            raise Problem("unknown_channel")
        return channel

    async def _holder(self, request: web.Request, channel: Channel) -> Visitor:
        word = request.headers.get("Authorization", "")
        if not word.startswith(BEARER) or len(word) > MAX_TOKEN + len(BEARER):
            raise Problem("session_refused", "Authorization: Bearer is missing.")
        try:
            return await self._redeem(channel, word.removeprefix(BEARER))
        except SessionRefused as refused:
            raise Problem(refused.code) from None


def _check_origin(request: web.Request, channel: Channel, *, optional: bool) -> None:
    """Raises Problem; else the answer to this request names the origin."""
    origins = request.headers.getall("Origin", [])
    if not origins and optional:
        return
    if len(origins) != 1 or not channel.site.origins.allow(origins[0]):
        raise Problem("foreign_origin", None if origins else "The request names no origin.")
    request[ALLOWED] = origins[0]


@web.middleware
async def explain(request: web.Request, handler: WebHandler) -> web.StreamResponse:
    """Refusals become problems; whatever else goes wrong is ours, logged, and said to be so."""
    try:
        response = await handler(request)
    except Problem as problem:
        response = refusal(problem)
    except Retryable as error:
        response = refusal(Problem("unavailable", retry_s=error.delay_s))
    except web.HTTPException as error:
        code = BY_STATUS.get(error.status)
        response = refusal(Problem(code or "malformed"))
        if allow := error.headers.get("Allow"):
            response.headers["Allow"] = allow
    except Exception:
        log.exception("request_failed", method=request.method)
        response = refusal(Problem("internal"))
    else:
        count("request", "answered", str(response.status))
    return response


def refusal(problem: Problem) -> web.Response:
    """The problem as an answer; counted."""
    count("request", "refused", problem.code)
    response = web.Response(
        status=problem.kind.status, body=problem.body(), headers=problem.headers
    )
    if problem.code in CHANNEL_REFUSALS:
        response.headers[CORS_ORIGIN] = "*"
    return response


async def dress(request: web.Request, response: web.StreamResponse) -> None:
    """Headers of every answer; a door's own come first."""
    for name, value in SECURE_HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["Server"] = "sluice"  # the library has put its own name and version there
    if (origin := request.get(ALLOWED)) is not None:
        response.headers.setdefault(CORS_ORIGIN, origin)
        response.headers.setdefault("Access-Control-Expose-Headers", "Retry-After")
    if "channel" in request.match_info:
        response.headers.add("Vary", "Origin")


def gateway_app() -> web.Application:
    """The application of the public listener, without doors."""
    app = web.Application(middlewares=[explain])
    app.on_response_prepare.append(dress)
    return app
