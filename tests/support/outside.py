"""A running stack from the outside: people on the platform, an agent at REST, an open screen.

async with outside(stack.read()) as world:
    phone = world.person()
    await world.writes(phone, "Hello")
    message = await world.appears("Hello")
"""

import asyncio
import itertools
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import aiohttp

from metagraph.emulator.client import EmulatorClient
from sluice_local.demo.census import Census
from sluice_local.demo.inbox import Inbox
from sluice_local.demo.realtime_client import RealtimeClient
from sluice_local.demo.realtime_state import Entity
from sluice_local.stack_file import StackFile
from support.waiting import until_true

SEEN_WITHIN_S = 60.0


class Outside:
    """What can be done and seen from there. `frames`: every frame of the socket, in order."""

    def __init__(
        self, stack: StackFile, session: aiohttp.ClientSession, emulator: EmulatorClient
    ) -> None:
        self.stack = stack
        self.session = session
        self.emulator = emulator
        self.inbox = Inbox(session, stack)
        self.census = Census(self.inbox, datetime.now(UTC))
        self.frames: list[dict[str, Any]] = []
        self.screen = RealtimeClient(
            session, self.inbox.invite, self._snapshot, on_frame=self.frames.append, pause_s=0.05
        )
        self._numbers = itertools.count(1)
        self._run = secrets.randbelow(10**6)

    def person(self) -> str:
        """The phone number of somebody new."""
        return f"1556{self._run:06}{next(self._numbers):03}"

    async def writes(self, phone: str, *texts: str, **manner: Any) -> list[str]:
        """Somebody writes; returns the provider's ids once every POST was answered 200."""
        account = self.stack.channels["whatsapp"].account
        messages = [{"phone_number_id": account, "from": phone, "text": text} for text in texts]
        answer = await self.emulator.inbound(messages, wait=True, **manner)
        assert answer["pending"] == 0, answer
        ids: list[str] = answer["ids"]
        return ids

    def shown(self, text: str) -> list[dict[str, Any]]:
        """The messages on the screen with this text, as they are shown now."""
        return [
            dict(entity.data)
            for entity in self.screen.state.entities.values()
            if any(part.get("text") == text for part in entity.data.get("parts", ()))
        ]

    async def appears(
        self, text: str, like: Callable[[dict[str, Any]], bool] = lambda _: True
    ) -> dict[str, Any]:
        """The one message with this text, once it is on the screen and `like` holds of it."""

        async def there() -> bool:
            return any(like(message) for message in self.shown(text))

        await until_true(there, within_s=SEEN_WITHIN_S)
        [message] = self.shown(text)
        return message

    async def delivered(self, text: str, state: str) -> dict[str, Any]:
        """The outbound message once the screen shows this delivery state."""
        return await self.appears(text, lambda message: message["delivery"]["state"] == state)

    async def stored(self, conversation: str) -> list[dict[str, Any]]:
        """The thread by REST, oldest first."""
        return [message async for message in self.inbox.messages(conversation)][::-1]

    async def ledger_of(self, phone: str) -> list[dict[str, Any]]:
        """What the platform accepted for this person, in order."""
        return [entry async for entry in self.emulator.ledger() if entry["to"] == phone]

    async def _snapshot(self) -> AsyncIterator[list[Entity]]:
        async for conversation, messages in self.census.threads():
            yield [Entity(row["id"], row["version"], row) for row in (conversation, *messages)]


@asynccontextmanager
async def outside(stack: StackFile) -> AsyncIterator[Outside]:
    """With a screen that is open and live."""
    async with (
        aiohttp.ClientSession(trust_env=False) as session,
        EmulatorClient(stack.emulator.url) as emulator,
    ):
        world = Outside(stack, session, emulator)
        following = asyncio.create_task(world.screen.run())
        try:
            async with asyncio.timeout(SEEN_WITHIN_S):
                await world.screen.live.wait()
            yield world
        finally:
            await world.screen.stop()
            following.cancel()
            with suppress(asyncio.CancelledError):
                await following
