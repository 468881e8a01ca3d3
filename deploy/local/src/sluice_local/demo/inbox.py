"""The inbox as the demo uses it: REST with an API token, repeated until it is answered.

A service that is being killed and started again costs time here, never a message: reads repeat by
nature, and a reply carries a `client_msg_id` that makes its repeats one message.
"""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson

from sluice_local.demo.asking import REFUSES_FROM, read, try_once, until_answered
from sluice_local.demo.realtime_client import Invitation
from sluice_local.stack_file import StackFile

PAGE = 100
TICKETS = "/v1/realtime/tickets"
JSON = "application/json"


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
        return read(await self._answer("POST", path, content, mime_type))

    async def download(self, file_id: str) -> bytes:
        """The bytes of a file. Raises Refused, also when it is gone."""
        return await self._answer("GET", f"{self._workspace}/files/{file_id}", None, JSON)

    async def invite(self) -> Invitation:
        """A ticket for a socket. Raises aiohttp.ClientError: the realtime client asks again."""
        body = orjson.dumps({"workspace_id": self._workspace_id})
        status, content = await try_once(
            self._session, "POST", self._origin + TICKETS, body, self._with(JSON)
        )
        if status >= REFUSES_FROM:
            raise aiohttp.ClientConnectionError(f"no ticket: {status}")
        answer = read(content)
        return Invitation(f"{self._origin}{answer['url']}", answer["ticket"])

    async def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The answer, however often it takes; the caller bounds the time. Raises Refused."""
        data = orjson.dumps(body) if body is not None else None
        return read(await self._answer(method, path, data, JSON))

    async def _answer(self, method: str, path: str, data: bytes | None, mime_type: str) -> bytes:
        return await until_answered(
            self._session, method, self._origin + path, data, self._with(mime_type)
        )

    def _with(self, mime_type: str) -> dict[str, str]:
        return {**self._headers, "Content-Type": mime_type}

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
