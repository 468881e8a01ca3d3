"""Requests that are repeated until they are answered. Used by inbox.py and visitor_link.py.

A service that is being killed and started again costs time here, never an answer.
"""

import asyncio
import random
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson

ANSWER_S = 15.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0

REFUSES_FROM = 400
PASSES = frozenset({429, 500, 502, 503, 504})
"""Statuses after which the same request may well succeed."""
IN_FLIGHT = "request_in_flight"
AWAY = 503


class Refused(Exception):
    """The answer is that it will not be done, whatever is tried; sentence and code are its own."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


async def try_once(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    data: bytes | None,
    headers: Mapping[str, str],
    answer_s: float = ANSWER_S,
) -> tuple[int, bytes]:
    """Status and body. Raises aiohttp.ClientError, OSError, TimeoutError."""
    timeout = aiohttp.ClientTimeout(total=answer_s)
    async with session.request(
        method, url, data=data, headers=headers, timeout=timeout
    ) as response:
        return response.status, await response.read()


async def until_answered(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    data: bytes | None,
    headers: Mapping[str, str],
    answer_s: float = ANSWER_S,
) -> bytes:
    """The answer's body, however often it takes; the caller bounds the time. Raises Refused."""
    pause_s = FIRST_PAUSE_S
    while True:
        try:
            status, content = await try_once(session, method, url, data, headers, answer_s)
        except (aiohttp.ClientError, OSError, TimeoutError):
            status, content = AWAY, b""
        if status < REFUSES_FROM:
            return content
        problem = read(content)
        code = str(problem.get("code", ""))
        if status not in PASSES and code != IN_FLIGHT:
            raise Refused(f"{method} {url}: {status} {problem.get('detail', code)}", code)
        await asyncio.sleep(random.uniform(pause_s / 2, pause_s))
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)


def read(content: bytes) -> dict[str, Any]:
    """An answer's JSON; nothing when a machine in between answered in its own words."""
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
