"""A call: a request that may go on, with what the rim found out about it; and what a route is."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, TypeVar

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from pydantic import BaseModel, ValidationError

from widget_gateway.peers import Peer
from widget_gateway.problems import Problem
from widget_gateway.site.channels import Channel
from widget_gateway.visitor import Visitor

READ_S = 15.0
"""For a body of two megabytes over the line of a telephone; uploads have their own time."""

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Call:
    """`holder`: the visitor of its bearer token, for routes that ask for one."""

    request: web.Request
    channel: Channel
    peer: Peer
    holder: Visitor | None = None

    @property
    def visitor(self) -> Visitor:
        """The rim lets nobody else through to a route that is `held`."""
        if self.holder is None:
            raise LookupError("this route asks for no session")
        return self.holder

    async def body(self, limit: int) -> bytes:
        """All of it. Raises Problem: too_large, too_slow or malformed."""
        if (self.request.content_length or 0) > limit:
            raise Problem("too_large")
        body = bytearray()
        try:
            async with asyncio.timeout(READ_S):
                async for piece in self.request.content.iter_any():
                    body += piece
                    if len(body) > limit:
                        raise Problem("too_large")
        except TimeoutError:
            raise Problem("too_slow") from None
        except (web.RequestPayloadError, HttpProcessingError, ConnectionError):
            raise Problem("malformed", "The body ended early.") from None
        return bytes(body)

    async def read(self, model: type[M], limit: int) -> M:
        """The body as this model. Raises Problem, naming the field and quoting nothing."""
        raw = await self.body(limit)
        try:
            return model.model_validate_json(raw)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False, include_context=False)[0]
            where = ".".join(str(step) for step in first["loc"]) or "body"
            raise Problem("malformed", f"{where}: {first['msg']}") from None


Handler = Callable[[Call], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """A door under /widget/v1/{channel}. `path` begins after the channel's word.

    `held`: it asks for a session by Authorization: Bearer. `anonymous_origin`: answered without an
    Origin header too, which browsers leave out of GETs to their own origin.
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    handler: Handler
    held: bool = False
    anonymous_origin: bool = False
