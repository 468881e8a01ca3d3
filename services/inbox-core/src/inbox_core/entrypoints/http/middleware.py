"""The rim: ids, numbers and headers of every request, and problems for everything that fails."""

import time
from collections.abc import Awaitable, Callable

import structlog
import uuid_utils.compat as uuid_utils
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import Counter, Histogram

from bus.errors import Retryable
from filestore.errors import Retryable as StoreAway
from inbox_core.app.access import AccessError
from inbox_core.domain.errors import DomainError
from inbox_core.entrypoints.http.pipeline import Trouble
from inbox_core.entrypoints.http.problems import (
    BY_STATUS,
    MEDIA_TYPE,
    Problem,
    Refused,
    problem_of,
)

REQUESTS = Counter(
    "sluice_http_requests_total",
    "Requests answered, by route, method and status; code is a problem's",
    ("route", "method", "status", "code"),
)
SECONDS = Histogram(
    "sluice_http_request_seconds",
    "From request line to answer",
    ("route", "method"),
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SWITCHED = 101
"""A socket lasts as long as it lasts; its seconds say nothing of speed."""

REQUEST_ID = "X-Request-ID"
ID_KEY = web.RequestKey("request_id", str)
CODE_KEY = web.RequestKey("problem_code", str)

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
"""Of every answer that does not set its own: an API shows nothing and runs nothing."""
STRICT_TRANSPORT = "max-age=31536000; includeSubDomains"


log = structlog.get_logger()


def identify() -> Middleware:
    """Name the request, bind its name to the log, count and time it."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        began = time.perf_counter()
        request[ID_KEY] = uuid_utils.uuid7().hex
        route = route_of(request)
        method = request.method if request.method in METHODS else "OTHER"
        with structlog.contextvars.bound_contextvars(request_id=request[ID_KEY]):
            response = await handler(request)
        REQUESTS.labels(route, method, str(response.status), request.get(CODE_KEY, "")).inc()
        if response.status != SWITCHED:
            SECONDS.labels(route, method).observe(time.perf_counter() - began)
        return response

    return middleware


def explain(trouble: Trouble) -> Middleware:
    """Turn whatever is raised into a problem; what nobody foresaw is logged."""

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Problem as problem:
            return _answer(request, problem)
        except (DomainError, AccessError, Refused) as error:
            return _answer(request, problem_of(error))
        except web.HTTPException as error:
            if error.status < 400:  # noqa: PLR2004 - redirections are answers
                raise
            return _answer(request, _of_library(error))
        except (Retryable, StoreAway) as error:
            log.warning("request_unavailable", route=route_of(request), why=type(error).__name__)
            return _answer(request, _unavailable())
        except Exception as error:
            # The rim of REST: whatever failed, the client gets a problem and we get the frames.
            if trouble(error) is not None:
                why = type(error).__name__
                log.warning("request_unavailable", route=route_of(request), why=why)
                return _answer(request, _unavailable())
            log.exception("request_failed", route=route_of(request))
            return _answer(request, Problem("internal", "Quote the request_id to your operator."))

    return middleware


def dress(*, secure: bool) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    """The signal that puts the headers on every answer, sockets and files included."""

    async def prepare(request: web.Request, response: web.StreamResponse) -> None:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if secure:
            response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
        response.headers[REQUEST_ID] = request.get(ID_KEY, "")
        response.headers.pop("Server", None)

    return prepare


def route_of(request: web.Request) -> str:
    """The route's pattern: never an address, which holds ids and has no bound."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unmatched"


def _answer(request: web.Request, problem: Problem) -> web.Response:
    request[CODE_KEY] = problem.code
    return web.Response(
        status=problem.kind.status,
        body=problem.body(request.path, request.get(ID_KEY, "")),
        headers={
            "Content-Type": MEDIA_TYPE,
            "Cache-Control": "no-store",
            **problem.headers,
        },
    )


def _of_library(error: web.HTTPException) -> Problem:
    """A refusal of aiohttp's own: no such route or method, a body too large."""
    code = BY_STATUS.get(error.status, "internal" if error.status >= 500 else "bad_request")  # noqa: PLR2004 - whose fault
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return Problem(code, headers=headers)


def _unavailable() -> Problem:
    return Problem("unavailable", "Try again in a moment.", headers={"Retry-After": "1"})
