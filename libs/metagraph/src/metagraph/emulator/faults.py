"""Faults as they befall a call. Used by every handler of the Graph side."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import assert_never

from aiohttp import hdrs, web

from metagraph.emulator import answers
from metagraph.emulator.script import (
    AcceptThenHang,
    AcceptThenReset,
    Delay,
    Error,
    FailLater,
    Fault,
    Http,
    Reset,
)

Accept = Callable[[int | None], Awaitable[web.StreamResponse]]
"""Does what the call asks; given a code, reports that failure later."""


async def befall(request: web.Request, fault: Fault | None, accept: Accept) -> web.StreamResponse:
    """The answer to a call that meets this fault, or none."""
    match fault:
        case None:
            return await accept(None)
        case Error():
            return answers.error(
                fault.code,
                "Scripted by the emulator.",
                subcode=fault.subcode,
                message=fault.message,
                status=fault.status,
            )
        case Http():
            headers = {hdrs.CONTENT_TYPE: "text/html"} | fault.headers
            return web.Response(status=fault.status, text=fault.body, headers=headers)
        case Delay():
            await asyncio.sleep(fault.seconds)
            return await accept(None)
        case FailLater():
            return await accept(fault.code)
        case AcceptThenHang():
            answer = await accept(None)
            await asyncio.sleep(fault.seconds)
            return _cut(request, answer)
        case AcceptThenReset():
            return _cut(request, await accept(None))
        case Reset():
            return _cut(request, web.Response())
        case _:
            assert_never(fault)


def _cut(request: web.Request, answer: web.StreamResponse) -> web.StreamResponse:
    """Close the connection under the answer, so that it never leaves."""
    if request.transport is not None:
        request.transport.abort()
    return answer
