"""A visitor of the demo site, over the gateway of a running stack.

async with guest(world) as anna:
    await anna.says("Hello")
    await anna.sees("Good morning")
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import uuid4

from sluice_local.demo.visitor_client import VisitorClient
from sluice_local.demo.visitor_frames import Frame, words
from support.outside import SEEN_WITHIN_S, Outside
from support.waiting import eventually, within


class Guest:
    """`client` has everything else; `frames`: all that came, in order."""

    def __init__(self, world: Outside, **options: Any) -> None:
        self.frames: list[Frame] = []
        self.client = VisitorClient(
            world.session, world.stack.widget, heard=self.frames.append, pause_s=0.05, **options
        )
        self.running: asyncio.Task[int] | None = None

    async def says(self, text: str, *files: Frame, **more: Any) -> Frame:
        """Until it is accepted. `files`: what uploads were answered with."""
        parts: list[Mapping[str, Any]] = [words(text)]
        parts += [{"kind": "file", "file": file["file"]} for file in files]
        return await within(self.client.say(parts, str(uuid4()), **more), SEEN_WITHIN_S)

    async def sees(
        self, text: str, like: Callable[[Frame], bool] = lambda _: True
    ) -> Mapping[str, Any]:
        """The one message with this text, once their screen has it from history."""

        def there() -> bool:
            return any(like(one) for one in self.shown(text))

        await eventually(there, SEEN_WITHIN_S)
        [message] = self.shown(text)
        return message

    def shown(self, text: str) -> list[Frame]:
        return [one for one in self.client.screen.ordered() if text in texts_of(one)]

    async def hears(self, like: Callable[[Frame], bool]) -> Frame:
        """The first frame that is so."""
        await eventually(lambda: any(map(like, self.frames)), SEEN_WITHIN_S)
        return next(filter(like, self.frames))


def texts_of(message: Frame) -> list[str]:
    """The words of a message on a visitor's screen."""
    return [part["text"] for part in message.get("parts", ()) if part.get("text")]


@asynccontextmanager
async def guest(world: Outside, **options: Any) -> AsyncIterator[Guest]:
    """With a session and, unless `by_poll`, a socket that is open."""
    somebody = Guest(world, **options)
    await somebody.client.begin()
    somebody.running = asyncio.create_task(somebody.client.run())
    try:
        if not options.get("by_poll"):
            await within(somebody.client.link.live.wait(), SEEN_WITHIN_S)
        yield somebody
    finally:
        await somebody.client.stop()
        somebody.running.cancel()
        with suppress(asyncio.CancelledError):
            await somebody.running
