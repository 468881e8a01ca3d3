"""The shipped fake of the whole bus: MemoryServer is the server, MemoryBus one connection to it.

Tests of services run on it; tests/contract/bus proves it equal to the real one. Its clock can be
given, so that deadlines pass without waiting, and `down()` and `up()` are an outage.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime

import structlog
from typing_extensions import override

from bus import kv, ports
from bus.cause import cause
from bus.errors import Ambiguous, Permanent, Unavailable
from bus.memory_ends import MemoryPublisher, MemorySubscription, MemoryTail
from bus.memory_server import Heard, MemoryServer
from bus.memory_streams import matches
from bus.ports import Answer, Hush, Stored, StreamState

__all__ = ["MemoryBus", "MemoryServer"]

log = structlog.get_logger("bus")


class MemoryBus(ports.Bus):
    """One connection. Two of them on one server are two processes."""

    def __init__(self, server: MemoryServer | None = None) -> None:
        self.server = server or MemoryServer()
        self._publisher = MemoryPublisher(self.server)
        self._closed = False
        self._tails: list[MemoryTail] = []
        self._serves: list[tuple[str, Answer]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def down(self) -> None:
        """The server is away, for every bus on it."""
        self.server.running = False
        self.server.ring()

    def up(self) -> None:
        self.server.running = True
        self.server.ring()
        for tell in self.server.on_regained:
            tell()

    @property
    @override
    def publisher(self) -> MemoryPublisher:
        return self._publisher

    @property
    @override
    def connected(self) -> bool:
        return self.server.running and not self._closed

    @override
    async def subscribe(self, consumer: str) -> MemorySubscription:
        for stream in self.server.streams.values():
            if consumer in stream.readers:
                return MemorySubscription(self.server, stream.row.name, consumer)
        raise Permanent(f"contracts.subjects knows no consumer {consumer}")

    @override
    async def tail(self, stream: str, subject: str, after: int) -> MemoryTail:
        tail = MemoryTail(self.server, stream, subject, after)
        self._tails.append(tail)
        return tail

    @override
    async def read(
        self, stream: str, subject: str, after: int, limit: int, max_bytes: int = 5 * 1024 * 1024
    ) -> Sequence[Stored]:
        page: list[Stored] = []
        size = 0
        for stored in self.server.stream(stream).after(subject, after):
            size += len(stored.body)
            if page and (len(page) >= limit or size > max_bytes):
                break
            page.append(stored)
        return page

    async def last(self, stream: str, subject: str) -> Stored | None:
        """The last message of a subject."""
        return self.server.stream(stream).last(subject)

    async def acknowledged(self, stream: str) -> Mapping[str, int]:
        """For each durable consumer the sequence up to which it has acknowledged everything."""
        readers = self.server.stream(stream).readers
        return {name: reader.floor for name, reader in readers.items()}

    async def purge(self, stream: str, up_to: int) -> int:
        """Delete every message with a sequence up to and with `up_to`; how many they were."""
        return self.server.stream(stream).purge(up_to)

    async def first_since(self, stream: str, subject: str, since: datetime) -> int | None:
        """The sequence of the first message stored at or after a moment; None: there is none."""
        for stored in self.server.stream(stream).after(subject, 0):
            if stored.at >= since:
                return stored.sequence
        return None

    @override
    async def stream(self, name: str) -> StreamState:
        return self.server.stream(name).state()

    @override
    async def remove(self, stream: str, sequence: int) -> None:
        self.server.stream(stream).remove(sequence)

    @override
    def bucket(self, name: str) -> kv.Bucket:
        return kv.Bucket(self, name, self._spawn)

    @override
    async def verify(self) -> None:
        self.server.stream("INBOUND")

    @override
    async def notify(self, subject: str, body: bytes) -> None:
        if not self.connected:
            return
        for pattern, heard in list(self.server.listeners):
            if matches(pattern, subject):
                self._spawn(_hear(heard, subject, body))

    @override
    async def listen(self, subject: str, heard: Heard) -> Hush:
        row = (subject, heard)
        self.server.listeners.append(row)

        async def hush() -> None:
            if row in self.server.listeners:
                self.server.listeners.remove(row)

        return hush

    @override
    def on_regained(self, tell: Callable[[], None]) -> None:
        self.server.on_regained.append(tell)

    @override
    async def ask(self, subject: str, body: bytes, timeout_s: float) -> bytes:
        servers = self.server.servers.get(subject) if self.connected else None
        if not servers:
            raise Unavailable(f"nobody answers on {subject}")
        answer = servers[0]
        try:
            async with asyncio.timeout(timeout_s):
                return await answer(body)
        except TimeoutError:
            raise Ambiguous(f"no answer on {subject} within {timeout_s:g} s") from None
        except Exception as error:  # noqa: BLE001 # the server's rim: whoever asks learns nothing
            log.warning("listener_failed", subject=subject, cause=cause(error))
            await asyncio.sleep(timeout_s)
            raise Ambiguous(f"no answer on {subject} within {timeout_s:g} s") from None

    @override
    async def serve(self, subject: str, answer: Answer) -> None:
        self.server.servers.setdefault(subject, []).append(answer)
        self._serves.append((subject, answer))

    @override
    async def close(self) -> None:
        self._closed = True
        for subject, answer in self._serves:
            self.server.servers[subject].remove(answer)
        self._serves.clear()
        for tail in self._tails:
            await tail.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _hear(heard: Heard, subject: str, body: bytes) -> None:
    try:
        await heard(subject, body)
    except Exception as error:  # noqa: BLE001 # a listener's rim: it hears the next one all the same
        log.warning("listener_failed", subject=subject, cause=cause(error))
