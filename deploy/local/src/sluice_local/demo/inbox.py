"""The inbox as the demo uses it: REST with an API token, repeated until it is answered.

A service that is being killed and started again costs time here, never a message: reads repeat by
nature, and a reply carries a `client_msg_id` that makes its repeats one message.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson

from sluice_local.demo.realtime_client import Invitation
from sluice_local.stack_file import StackFile

PAGE = 100
ANSWER_S = 15.0
FIRST_PAUSE_S = 0.1
LONGEST_PAUSE_S = 2.0
TICKETS = "/v1/realtime/tickets"

PASSES = frozenset({429, 500, 502, 503, 504})
"""Statuses after which the same request may well succeed."""
IN_FLIGHT = "request_in_flight"


class Refused(Exception):
    """The inbox answered that it will not, whatever is tried; the sentence is its own."""


class Inbox:
    """One workspace over REST. `session` is the caller's to close."""

    def __init__(self, session: aiohttp.ClientSession, stack: StackFile) -> None:
        self._session = session
        self._origin = stack.services["inbox-core"].url
        self._workspace = f"/v1/workspaces/{stack.workspace_id}"
        self._workspace_id = stack.workspace_id
        self._headers = {
            "Authorization": f"Bearer {stack.api_token}",
            "Content-Type": "application/json",
        }

    async def conversations(self) -> AsyncIterator[dict[str, Any]]:
        """Every conversation outside the archive, those with the newest message first."""
        async for one in self._pages(f"{self._workspace}/conversations"):
            yield one

    async def messages(self, conversation: str) -> AsyncIterator[dict[str, Any]]:
        """The thread of a conversation, newest first."""
        async for one in self._pages(f"{self._workspace}/conversations/{conversation}/messages"):
            yield one

    async def reply(self, conversation: str, text: str, client_msg_id: str) -> dict[str, Any]:
        """The message this made, also when an earlier try had made it. Raises Refused."""
        path = f"{self._workspace}/conversations/{conversation}/messages"
        return await self.ask("POST", path, {"text": text, "client_msg_id": client_msg_id})

    async def invite(self) -> Invitation:
        """A ticket for a socket. Raises aiohttp.ClientError: the realtime client asks again."""
        body = {"workspace_id": self._workspace_id}
        status, answer = await self._try("POST", TICKETS, body)
        if status >= 400:  # noqa: PLR2004
            raise aiohttp.ClientConnectionError(f"no ticket: {status}")
        return Invitation(f"{self._origin}{answer['url']}", answer["ticket"])

    async def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The answer, however often it takes; the caller bounds the time. Raises Refused."""
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                status, answer = await self._try(method, path, body)
            except (aiohttp.ClientError, OSError, TimeoutError, orjson.JSONDecodeError):
                status, answer = 503, {}
            if status < 400:  # noqa: PLR2004
                return answer
            if status not in PASSES and answer.get("code") != IN_FLIGHT:
                raise Refused(f"{method} {path}: {status} {answer.get('detail', '')}")
            await asyncio.sleep(random.uniform(pause_s / 2, pause_s))
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def _pages(self, path: str) -> AsyncIterator[dict[str, Any]]:
        cursor = None
        while True:
            query = f"?limit={PAGE}" + (f"&cursor={cursor}" if cursor else "")
            page = await self.ask("GET", path + query)
            for item in page["items"]:
                yield item
            cursor = page["next_cursor"]
            if cursor is None:
                return

    async def _try(self, method: str, path: str, body: Any) -> tuple[int, dict[str, Any]]:
        async with self._session.request(
            method,
            self._origin + path,
            data=orjson.dumps(body) if body is not None else None,
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=ANSWER_S),
        ) as response:
            answer: dict[str, Any] = orjson.loads(await response.read())
            return response.status, answer
