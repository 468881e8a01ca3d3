"""The inbox as the demo uses it: REST with an API token, repeated until it is answered.

A service that is being killed and started again costs time here, never a message: reads repeat by
nature, and a reply carries a `client_msg_id` that makes its repeats one message.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

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
JSON = "application/json"
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
        self._headers = {"Authorization": f"Bearer {stack.api_token}"}

    async def conversations(self) -> AsyncIterator[dict[str, Any]]:
        """Every conversation outside the archive, those with the newest message first."""
        async for one in self._pages(f"{self._workspace}/conversations"):
            yield one

    async def messages(self, conversation: str) -> AsyncIterator[dict[str, Any]]:
        """The thread of a conversation, newest first."""
        async for one in self._pages(f"{self._workspace}/conversations/{conversation}/messages"):
            yield one

    async def reply(
        self,
        conversation: str,
        content: str | list[dict[str, Any]],
        client_msg_id: str,
        **more: Any,
    ) -> dict[str, Any]:
        """The message this made, also when an earlier try had made it. Raises Refused.

        `content` is text, or parts; `more` are further fields of the body.
        """
        path = f"{self._workspace}/conversations/{conversation}/messages"
        what = {"text" if isinstance(content, str) else "parts": content}
        return await self.ask("POST", path, {**what, "client_msg_id": client_msg_id, **more})

    async def react(self, conversation: str, message: str, emoji: str) -> dict[str, Any]:
        """The message with our emoji. Raises Refused."""
        path = f"{self._workspace}/conversations/{conversation}/messages/{message}/reaction"
        return await self.ask("PUT", path, {"emoji": emoji})

    async def upload(self, content: bytes, mime_type: str, name: str) -> dict[str, Any]:
        """The file as the inbox has it, for a reply. Raises Refused."""
        path = f"{self._workspace}/files?filename={quote(name)}"
        return _read(await self._answer("POST", path, content, mime_type))

    async def download(self, file_id: str) -> bytes:
        """The bytes of a file. Raises Refused, also when it is gone."""
        return await self._answer("GET", f"{self._workspace}/files/{file_id}", None, JSON)

    async def invite(self) -> Invitation:
        """A ticket for a socket. Raises aiohttp.ClientError: the realtime client asks again."""
        body = orjson.dumps({"workspace_id": self._workspace_id})
        status, content = await self._try("POST", TICKETS, body, JSON)
        if status >= 400:  # noqa: PLR2004
            raise aiohttp.ClientConnectionError(f"no ticket: {status}")
        answer = _read(content)
        return Invitation(f"{self._origin}{answer['url']}", answer["ticket"])

    async def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The answer, however often it takes; the caller bounds the time. Raises Refused."""
        data = orjson.dumps(body) if body is not None else None
        return _read(await self._answer(method, path, data, JSON))

    async def _answer(self, method: str, path: str, data: bytes | None, mime_type: str) -> bytes:
        pause_s = FIRST_PAUSE_S
        while True:
            try:
                status, content = await self._try(method, path, data, mime_type)
            except (aiohttp.ClientError, OSError, TimeoutError):
                status, content = 503, b""
            if status < 400:  # noqa: PLR2004
                return content
            problem = _read(content)
            if status not in PASSES and problem.get("code") != IN_FLIGHT:
                raise Refused(f"{method} {path}: {status} {problem.get('detail', '')}")
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

    async def _try(
        self, method: str, path: str, data: bytes | None, mime_type: str
    ) -> tuple[int, bytes]:
        async with self._session.request(
            method,
            self._origin + path,
            data=data,
            headers={**self._headers, "Content-Type": mime_type},
            timeout=aiohttp.ClientTimeout(total=ANSWER_S),
        ) as response:
            return response.status, await response.read()


def _read(content: bytes) -> dict[str, Any]:
    """An answer's JSON; nothing when a machine in between answered in its own words."""
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
