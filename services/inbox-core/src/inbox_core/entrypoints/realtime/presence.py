"""What one connection tells the others about itself: where it looks, and that it types.

Held by connection.py. Every bound of frequency is here.
"""

from collections.abc import Awaitable, Callable
from uuid import UUID

from inbox_core.entrypoints.realtime.frames import Typing
from inbox_core.entrypoints.realtime.signals import Signal

Tell = Callable[[Signal], Awaitable[None]]


class Presence:
    """`clock` counts seconds; `every_s` is the least time between two signals of a kind."""

    def __init__(
        self, sender: str, who: str, tell: Tell, clock: Callable[[], float], every_s: float
    ) -> None:
        self._sender = sender
        self._who = who
        self._tell = tell
        self._clock = clock
        self._every_s = every_s
        self._viewing: UUID | None = None
        self._typing: UUID | None = None
        self._typed_at = float("-inf")
        self._answered_at = float("-inf")

    async def look_at(self, conv: UUID | None) -> None:
        """Another conversation is open now, or none."""
        if conv == self._viewing:
            return
        await self._stop_typing()
        if self._viewing is not None:
            await self._say("viewing", self._viewing, on=False)
        self._viewing = conv
        if conv is not None:
            await self._say("viewing", conv, asks=True)

    async def still_here(self) -> None:
        """Say again what would end by itself: at every heartbeat."""
        await self.answer(self._viewing)

    async def answer(self, conv: UUID | None) -> None:
        """Say that we are at a conversation, if we are, and have not only just said so."""
        now = self._clock()
        if conv is None or conv != self._viewing or now - self._answered_at < self._every_s:
            return
        self._answered_at = now
        await self._say("viewing", conv)

    async def typing(self, frame: Typing) -> None:
        """Pass on at most one beginning in `every_s`, and one end of each."""
        if not frame.on:
            await self._stop_typing()
            return
        now = self._clock()
        if now - self._typed_at < self._every_s:
            return
        self._typed_at, self._typing = now, frame.conv
        await self._say("typing", frame.conv, note=frame.note)

    async def leave(self) -> None:
        await self.look_at(None)
        await self._stop_typing()

    async def _stop_typing(self) -> None:
        conv, self._typing = self._typing, None
        if conv is not None:
            await self._say("typing", conv, on=False)

    async def _say(
        self, kind: str, conv: UUID, *, on: bool = True, note: bool = False, asks: bool = False
    ) -> None:
        await self._tell(
            Signal(
                kind="typing" if kind == "typing" else "viewing",
                sender=self._sender,
                who=self._who,
                conv=conv,
                on=on,
                note=note,
                asks=asks,
            )
        )
