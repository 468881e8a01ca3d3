"""A running stack from the outside: people on the platform, an agent at REST, an open screen.

async with outside(stack.read()) as world:
    somebody = world.person("messenger")
    await world.writes(somebody, "Hello")
    message = await world.appears("Hello")
    await world.does(somebody, reaction={"message_id": …, "emoji": "❤"})
"""

import asyncio
import itertools
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
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
ADDRESSES = {"whatsapp": "1556", "messenger": "2600000000", "instagram": "1784160000"}
"""First digits of people's addresses on each channel."""


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
        self._channels: dict[str, str] = {}

    def person(self, channel: str = "whatsapp") -> str:
        """The address of somebody new: a phone number, or the platform's id of them."""
        address = f"{ADDRESSES[channel]}{self._run:06}{next(self._numbers):03}"
        self._channels[address] = channel
        return address

    async def writes(self, person: str, *texts: str, **manner: Any) -> list[str]:
        """Somebody writes; returns the provider's ids once every POST was answered 200."""
        return await self._posts([{"text": text} for text in texts], person, manner)

    async def does(self, person: str, **act: Any) -> str:
        """Somebody does one thing: fields of the emulator's `Said`. Returns the provider's id."""
        [number] = await self._posts([act], person, {})
        return number

    async def has(self, content: bytes, mime_type: str, name: str | None = None) -> str:
        """A file people can send: its id, for `media`."""
        return str((await self.emulator.media(content, mime_type, name))["id"])

    async def _posts(
        self, acts: list[dict[str, Any]], person: str, manner: dict[str, Any]
    ) -> list[str]:
        channel = self.stack.channels[self._channels[person]]
        if channel.type == "whatsapp":
            who = {"phone_number_id": channel.account, "from": person}
        else:
            who = {"object": channel.object, "account": channel.account, "from": person}
        messages = [{**who, **act} for act in acts]
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

    def thread(self, conversation: str) -> list[dict[str, Any]]:
        """The messages of a conversation on the screen, in the order of their numbers."""
        found = (dict(entity.data) for entity in self.screen.state.entities.values())
        mine = [one for one in found if one.get("conversation_id") == conversation]
        return sorted(mine, key=lambda one: int(one["seq"]))

    async def becomes(
        self, message_id: str, like: Callable[[dict[str, Any]], bool]
    ) -> dict[str, Any]:
        """The message on the screen, once `like` holds of it."""

        def found() -> dict[str, Any] | None:
            entity = self.screen.state.entities.get(message_id)
            return dict(entity.data) if entity is not None and like(dict(entity.data)) else None

        return await self.waits_for(found)

    async def arrives(
        self, conversation: str, like: Callable[[dict[str, Any]], bool] = lambda _: True
    ) -> dict[str, Any]:
        """The newest message of a thread on the screen, once `like` holds of it."""

        def found() -> dict[str, Any] | None:
            return next((one for one in reversed(self.thread(conversation)) if like(one)), None)

        return await self.waits_for(found)

    async def waits_for(self, look: Callable[[], dict[str, Any] | None]) -> dict[str, Any]:
        """What is found, once it is."""

        async def there() -> bool:
            return look() is not None

        await self.until(there)
        found = look()
        assert found is not None
        return found

    async def until(self, true: Callable[[], Awaitable[bool]]) -> None:
        """Wait until it is."""
        await until_true(true, within_s=SEEN_WITHIN_S)

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

    async def begins(self, person: str) -> str:
        """Somebody says hello: the conversation it opens."""
        text = f"Hello {secrets.token_hex(6)}"
        await self.writes(person, text)
        conversation: str = (await self.appears(text))["conversation_id"]
        return conversation

    async def ledger_of(self, person: str) -> list[dict[str, Any]]:
        """What the platform accepted for this person, in order; what is no message aside."""
        return [
            entry
            async for entry in self.emulator.ledger()
            if entry["to"] == person and entry["kind"] == "message"
        ]

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
