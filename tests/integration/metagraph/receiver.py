"""The other end of the emulator's webhooks: an endpoint that checks and keeps what it gets."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from aiohttp import web

from metagraph.signature import HEADER, Signatures, Verdict

SECRET = "test-app-secret"
VERIFY_TOKEN = "test-verify-token"
DEADLINE_S = 30.0


class Receiver:
    """A webhook endpoint that checks signatures and keeps what came, in order of arrival.

    It answers the statuses in `answers` first, then 200.
    """

    def __init__(self) -> None:
        self.url = ""
        self.answers: list[int] = []
        self.verdicts: Counter[Verdict] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self._signatures = Signatures([SECRET.encode()])

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.verdicts[self._signatures.verify(body, request.headers.get(HEADER))] += 1
        if self.answers:
            return web.Response(status=self.answers.pop(0))
        if body.startswith(b"{"):
            self.bodies.append(json.loads(body))
        return web.Response()

    def values(self) -> Iterator[dict[str, Any]]:
        for body in self.bodies:
            for entry in body["entry"]:
                for change in entry.get("changes", []):
                    yield change["value"]

    def events(self, name: str | None = None) -> list[dict[str, Any]]:
        """Items of page and instagram; with a name, those under it."""
        found = [
            event
            for body in self.bodies
            for entry in body["entry"]
            for event in entry.get("messaging", [])
        ]
        return found if name is None else [event[name] for event in found if name in event]

    def messages(self) -> list[dict[str, Any]]:
        return [message for value in self.values() for message in value.get("messages", [])]

    def statuses(self) -> list[dict[str, Any]]:
        return [status for value in self.values() for status in value.get("statuses", [])]


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; fail after DEADLINE_S."""
    async with asyncio.timeout(DEADLINE_S):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event to set
            await asyncio.sleep(0.005)
