"""From a row of the table to an aiohttp handler: every check in one order, then the handler.

who → may they → what exactly → has it been asked before → do it → write the answer.
Refusals are raised and become problems at the rim (middleware.py).
"""

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import structlog
from aiohttp import web
from multidict import CIMultiDict

from chassis.addresses import caller_address
from filestore.errors import FileStoreError
from filestore.serving import names
from inbox_core.app.access import Permission, Principal
from inbox_core.app.idempotency import Claimed, InFlight, Replay, RequestKey, Reused
from inbox_core.entrypoints.http import parsing
from inbox_core.entrypoints.http.authentication import Authentication, Site, set_session
from inbox_core.entrypoints.http.problems import Problem
from inbox_core.entrypoints.http.route import Answer, Backend, Call, Content, Route

Trouble = Callable[[BaseException], Literal["raced", "away"] | None]
"""What an error of the database means to whoever waits: adapters/postgres/trouble.py."""

RACES = 3
"""How often a request that lost a race is carried out anew before somebody is told to."""
PAUSE_S = 0.05
REPLAYED = "Idempotent-Replayed"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Written:
    """An answer as bytes: what is kept for a repeated request."""

    status: int
    body: bytes
    answer: Answer | None = None


class Pipeline:
    """Everything a route passes through. Built by app.py."""

    def __init__(
        self, backend: Backend, authentication: Authentication, site: Site, trouble: Trouble
    ) -> None:
        self._backend = backend
        self._authentication = authentication
        self._site = site
        self._trouble = trouble

    def handler(self, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """The aiohttp handler of a route."""

        async def handle(request: web.Request) -> web.StreamResponse:
            call = await self._admit(route, request)
            if call.repeat_key is not None:
                return await self._once(route, call, call.repeat_key)
            written = await self._run(route, call)
            if written.answer is not None and written.answer.content is not None:
                return await _stream(request, written.answer, written.answer.content)
            return self._respond(route, request, written)

        return handle

    async def _admit(self, route: Route, request: web.Request) -> Call:
        """The request as a call. Raises what refuses it."""
        principal: Principal | None = None
        if route.needs == "anyone":
            self._authentication.check_same_site(request)
        else:
            principal = await self._authentication.authenticate(request)
        ids = parsing.read_ids(request)
        workspace_id = ids.pop("workspace_id", None)
        if principal and workspace_id and isinstance(route.needs, Permission):
            principal.check(workspace_id, route.needs)
        if route.query is None:
            parsing.no_query(request)
        return Call(
            request=request,
            principal=principal,
            workspace_id=workspace_id,
            ids=ids,
            numbers=parsing.read_numbers(request),
            address=caller_address(request, self._site.trusted_proxies),
            query=parsing.read_query(request, route.query) if route.query else None,
            body=await parsing.read_body(request, route.body) if route.body else None,
            repeat_key=parsing.read_idempotency_key(request) if route.repeatable else None,
            version=parsing.read_version(request, route),
        )

    async def _run(self, route: Route, call: Call) -> Written:
        """Carry it out; one that lost a race against another request is carried out again."""
        for attempt in range(1, RACES + 1):
            try:
                answer = await route.handler(self._backend, call)
                break
            except Exception as error:
                if attempt == RACES or self._trouble(error) != "raced":
                    raise
            await asyncio.sleep(PAUSE_S * attempt * random.uniform(0.5, 1.5))  # noqa: S311 - spreads repeats, no secret
        else:
            raise AssertionError("the last attempt raises")
        body = (
            b"" if answer.body is None else answer.body.__pydantic_serializer__.to_json(answer.body)
        )
        return Written(answer.status, body, answer)

    async def _once(self, route: Route, call: Call, key: str) -> web.StreamResponse:
        """Carry it out unless this key was answered before. Refusals are not kept.

        They changed nothing, so the same request may be tried again.
        """
        repeats, request = self._backend.repeats, call.request
        asked = f"{request.method} {request.path_qs}\n".encode() + await _told(route, request)
        claimed = RequestKey(
            call.workspace, call.caller.actor.label, key, hashlib.sha256(asked).digest()
        )
        match await repeats.claim(claimed):
            case Replay(status=status, body=body):
                response = self._respond(route, request, Written(status, body))
                response.headers[REPLAYED] = "true"
                return response
            case InFlight():
                raise Problem("request_in_flight", headers={"Retry-After": "1"})
            case Reused():
                raise Problem("idempotency_key_reused")
            case Claimed():
                pass
        try:
            written = await self._run(route, call)
        except BaseException:
            await repeats.forget(claimed)
            raise
        await repeats.keep(claimed, written.status, written.body)
        return self._respond(route, request, written)

    def _respond(self, route: Route, request: web.Request, written: Written) -> web.Response:
        headers: CIMultiDict[str] = CIMultiDict({"Cache-Control": "no-store"})
        answer = written.answer
        if answer is not None:
            headers.update(answer.headers)
        if route.tagged:
            tag = f'"{hashlib.sha256(written.body).hexdigest()[:32]}"'
            headers.update({"Cache-Control": "private, no-cache", "ETag": tag})
            if names(request.headers.get("If-None-Match"), tag):
                return web.Response(status=304, headers=headers)
        elif answer is not None and answer.version is not None:
            headers["ETag"] = parsing.etag(answer.version)
        if written.body:
            headers["Content-Type"] = "application/json"
        response = web.Response(status=written.status, body=written.body, headers=headers)
        if answer is not None and answer.session is not None:
            set_session(response, self._site, answer.session)
        return response


async def _told(route: Route, request: web.Request) -> bytes:
    """What makes it the same request: its body; of a file, which streams, its type and length."""
    if route.upload:
        return f"{request.content_type} {request.content_length}".encode()
    return await parsing.read_raw(request)


async def _stream(request: web.Request, answer: Answer, content: Content) -> web.StreamResponse:
    """The file as it is read.

    One that breaks off breaks the connection: nobody shall take what came for the whole.
    """
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_type = content.mime_type
    response.content_length = content.length
    await response.prepare(request)
    try:
        async for chunk in content.chunks:
            await response.write(chunk)
        await response.write_eof()
    except (OSError, FileStoreError) as error:
        log.warning("download_broke_off", why=type(error).__name__)
        if request.transport is not None:
            request.transport.abort()
    return response
