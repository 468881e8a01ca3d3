"""Request and reply through one inbox of our own; beneath every publish and every API call.

nats-py's own `request` leaves a future behind for each publish that fails, its `publish_async`
futures that a broker's restart never resolves. Here a question is forgotten on every way out, and
a lost connection fails all open ones at once.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Protocol

from nats.aio.msg import Msg
from nats.errors import Error, MaxPayloadError

from bus.connection import Connection
from bus.errors import Ambiguous, TooLarge, Unavailable

STATUS = "Status"
NO_RESPONDERS = "503"
SEQUENCE = "Nats-Sequence"
"""On every stored message a direct read answers with; a publisher may have set any other header."""
HEADER_FRAME = 16
"""Bytes of the header block beside its lines."""


class Waiting(Protocol):
    """Whoever has asked: told of each answer, or that none can come any more."""

    def answered(self, message: Msg) -> None: ...

    def lost(self) -> None: ...


class Replies:
    """Asks, and waits for one answer (`ask`) or for several (`collect`)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._inbox = connection.client.new_inbox()
        self._prefix = len(self._inbox) + 1
        self._waiting: dict[str, Waiting] = {}
        self._tokens = count()

    @property
    def open(self) -> int:
        """How many questions wait for an answer: zero when nobody asks."""
        return len(self._waiting)

    async def start(self) -> None:
        await self._connection.listen(f"{self._inbox}.*", self._answered)
        self._connection.on_lost.append(self._lost)

    async def ask(
        self,
        subject: str,
        body: bytes = b"",
        *,
        headers: Mapping[str, str] | None = None,
        timeout_s: float,
    ) -> Msg:
        """The first answer.

        Raises Unavailable (not connected, nobody listens: certainly not done), Ambiguous (no
        answer in time, or the connection went) or TooLarge.
        """
        answer = _One()
        with self._asking(answer) as inbox:
            try:
                async with asyncio.timeout(timeout_s):
                    await self._send(subject, body, inbox, headers)
                    message = await answer.future
            except TimeoutError:
                raise Ambiguous(f"no answer on {subject} within {timeout_s:g} s") from None
        if not message.data and (message.headers or {}).get(STATUS) == NO_RESPONDERS:
            raise Unavailable(f"nobody answers on {subject}")
        return message

    async def collect(self, subject: str, body: bytes, *, timeout_s: float) -> list[Msg]:
        """Stored messages up to the server's own word that ends them; that one stands last.

        Raises as `ask` does; the time is for each answer.
        """
        answers = _Many()
        collected: list[Msg] = []
        with self._asking(answers) as inbox:
            await self._send(subject, body, inbox, None)
            while True:
                try:
                    async with asyncio.timeout(timeout_s):
                        message = await answers.queue.get()
                except TimeoutError:
                    raise Ambiguous(f"no answer on {subject} within {timeout_s:g} s") from None
                if message is None:
                    raise Ambiguous("the connection was lost before the answer")
                collected.append(message)
                if SEQUENCE not in (message.headers or {}):
                    return collected

    async def round_trip(self, timeout_s: float) -> None:
        """Returns when the server has read everything we wrote. Raises as `ask` does."""
        answer = _One()
        with self._asking(answer) as inbox:
            try:
                async with asyncio.timeout(timeout_s):
                    await self._send(inbox, b"", "", None)
                    await answer.future
            except TimeoutError:
                raise Ambiguous(f"no answer within {timeout_s:g} s") from None

    async def _send(
        self, subject: str, body: bytes, inbox: str, headers: Mapping[str, str] | None
    ) -> None:
        connection = self._connection
        if not connection.up:
            raise Unavailable("not connected to NATS")
        # The server counts the header too and answers an excess by closing the connection.
        if len(body) + _header_size(headers) > connection.client.max_payload:
            raise TooLarge(f"{len(body)} bytes exceed the server's max_payload")
        try:
            await connection.client.publish(
                subject, body, inbox, headers=dict(headers) if headers else None
            )
        except MaxPayloadError as error:
            raise TooLarge(f"{len(body)} bytes exceed the server's max_payload") from error
        except (Error, OSError) as error:
            raise Unavailable(f"not sent: {type(error).__name__} {error}".strip()) from error

    @contextmanager
    def _asking(self, waiting: Waiting) -> Iterator[str]:
        token = str(next(self._tokens))
        self._waiting[token] = waiting
        try:
            yield f"{self._inbox}.{token}"
        finally:
            self._waiting.pop(token, None)

    async def _answered(self, message: Msg) -> None:
        waiting = self._waiting.get(message.subject[self._prefix :])
        if waiting is not None:
            waiting.answered(message)

    def _lost(self) -> None:
        for waiting in list(self._waiting.values()):
            waiting.lost()


class _One:
    """Waits for the first answer."""

    def __init__(self) -> None:
        self.future: asyncio.Future[Msg] = asyncio.get_running_loop().create_future()

    def answered(self, message: Msg) -> None:
        if not self.future.done():
            self.future.set_result(message)

    def lost(self) -> None:
        if not self.future.done():
            self.future.set_exception(Ambiguous("the connection was lost before the answer"))


class _Many:
    """Waits for answers until one ends them. Bounded by the `batch` of the question."""

    def __init__(self) -> None:
        self.queue: asyncio.Queue[Msg | None] = asyncio.Queue()

    def answered(self, message: Msg) -> None:
        self.queue.put_nowait(message)

    def lost(self) -> None:
        self.queue.put_nowait(None)


def _header_size(headers: Mapping[str, str] | None) -> int:
    if not headers:
        return 0
    lines = sum(len(name) + len(value.encode()) + 4 for name, value in headers.items())
    return HEADER_FRAME + lines
