"""A request that lost a race is carried out again; one whose fate nobody knows is not."""

from collections.abc import Awaitable, Callable
from dataclasses import fields
from typing import Any, Literal, cast

import pytest
from aiohttp import web
from prometheus_client import REGISTRY

from inbox_core.entrypoints.http.authentication import Authentication, Site
from inbox_core.entrypoints.http.middleware import explain, identify
from inbox_core.entrypoints.http.models import Counts
from inbox_core.entrypoints.http.pipeline import RACES, Pipeline
from inbox_core.entrypoints.http.route import Answer, Backend, Call, Route
from vault.signing import Signer

NOTHING = Backend(**{field.name: cast(Any, None) for field in fields(Backend)})
SITE = Site(frozenset(), cookie_secure=True)
COUNTS = Counts(all=0, unread=0, unresolved=0, resolved=0, mine=0, unassigned=0)


class Race(Exception):
    pass


class Gone(Exception):
    pass


class Bug(Exception):
    """With someone's secret in it."""


def trouble(error: BaseException) -> Literal["raced", "away"] | None:
    match error:
        case Race():
            return "raced"
        case Gone():
            return "away"
        case _:
            return None


def serve(handler: Callable[[Backend, Call], Awaitable[Answer]]) -> web.Application:
    authentication = Authentication(cast(Any, None), Signer([b"k"]), SITE)
    pipeline = Pipeline(NOTHING, authentication, SITE, trouble)
    route = Route("GET", "/x/{id}", "x", "Access", "X", handler, "anyone", {200: Counts})
    app = web.Application(middlewares=[identify(), explain(trouble)])
    app.router.add_route("GET", route.path, pipeline.handler(route))
    return app


ROWS: list[Any] = [
    # what happens, attempt by attempt; the answer; its problem; how often it ran
    ([Race, None], 200, None, 2),
    ([Race] * (RACES - 1) + [None], 200, None, RACES),
    ([Race] * RACES, 503, "unavailable", RACES),
    ([Gone, None], 503, "unavailable", 1),
    ([Bug, None], 500, "internal", 1),
]


@pytest.mark.parametrize(("story", "status", "code", "runs"), ROWS)
async def test_what_becomes_of_an_attempt(
    aiohttp_client: Any, story: list[type[Exception] | None], status: int, code: str, runs: int
) -> None:
    tried: list[None] = []

    async def handler(_backend: Backend, _call: Call) -> Answer:
        tried.append(None)
        error = story[len(tried) - 1]
        if error is not None:
            raise error("secret words")
        return Answer(COUNTS)

    labels = {"route": "/x/{id}", "method": "GET", "status": str(status), "code": code or ""}
    before = REGISTRY.get_sample_value("sluice_http_requests_total", labels) or 0
    client = await aiohttp_client(serve(handler))
    answer = await client.get("/x/01900000-0000-7000-8000-000000000000")
    assert (answer.status, len(tried)) == (status, runs)
    body = await answer.json(content_type=None)
    assert body.get("code") == code
    assert "secret" not in str(body)
    assert REGISTRY.get_sample_value("sluice_http_requests_total", labels) == before + 1
