"""Buckets over a stream `KV_<name>`: written by plain publishes, read from the stream's leader.

Both buses use it. nats-py's KeyValue is not used: its `create` goes through `js.publish`. A watch
follows the stream itself and not core NATS, where a put that lost its compare-and-set would be
seen as a change.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Protocol

import structlog
from typing_extensions import override

from bus import ports
from bus.cause import cause
from bus.errors import BusError, Conflict, Permanent
from bus.ports import Entry, Publisher, Stored, Tail

EXPECT = "Nats-Expected-Last-Subject-Sequence"
OPERATION = "KV-Operation"
DELETE = "DEL"
GONE = frozenset({DELETE, "PURGE"})
PAGE = 1000
PAUSE_S = 1.0

KEY = re.compile(r"[-/_=.a-zA-Z0-9]+")

Changed = Callable[[str, bytes | None], Awaitable[None]]

log = structlog.get_logger("bus")


class Ground(Protocol):
    """What a bucket stands on; a Bus has it all."""

    @property
    def publisher(self) -> Publisher: ...

    async def tail(self, stream: str, subject: str, after: int) -> Tail: ...

    async def read(
        self, stream: str, subject: str, after: int, limit: int, max_bytes: int = ...
    ) -> Sequence[Stored]: ...

    async def last(self, stream: str, subject: str) -> Stored | None: ...


class Bucket(ports.Bucket):
    """Made by `Bus.bucket`; `spawn` keeps the task of a watch until the bus closes."""

    def __init__(
        self, ground: Ground, name: str, spawn: Callable[[Coroutine[None, None, None]], None]
    ) -> None:
        self._ground = ground
        self._stream = f"KV_{name}"
        self._prefix = f"$KV.{name}."
        self._spawn = spawn

    @override
    async def get(self, key: str) -> Entry | None:
        """From the leader: a direct read may be answered by a replica that lags."""
        stored = await self._ground.last(self._stream, self._subject(key))
        return None if stored is None or _ends(stored) else self._entry(stored)

    @override
    async def create(self, key: str, value: bytes) -> int:
        try:
            return await self._publish(key, value, {EXPECT: "0"})
        except Conflict:
            stored = await self._ground.last(self._stream, self._subject(key))
            if stored is None or not _ends(stored):
                raise
        # A deleted key has a tombstone: the new value must follow exactly that.
        return await self._publish(key, value, {EXPECT: str(stored.sequence)})

    @override
    async def update(self, key: str, value: bytes, revision: int) -> int:
        return await self._publish(key, value, {EXPECT: str(revision)})

    @override
    async def put(self, key: str, value: bytes) -> int:
        return await self._publish(key, value, None)

    @override
    async def delete(self, key: str) -> None:
        await self._publish(key, b"", {OPERATION: DELETE})

    @override
    async def entries(self) -> Sequence[Entry]:
        entries, _ = await self._whole()
        return list(entries.values())

    @override
    async def watch(self, changed: Changed) -> None:
        known, last = await self._round({}, changed)
        self._spawn(self._watch(known, last, changed))

    async def _watch(self, known: dict[str, int], last: int, changed: Changed) -> None:
        """Tell every change; after a reset compare the whole bucket with what was told."""
        fresh = True
        while True:
            try:
                if not fresh:
                    known, last = await self._round(known, changed)
                tail = await self._ground.tail(self._stream, f"{self._prefix}>", last)
                async for stored in tail:
                    last = stored.sequence
                    await self._tell(stored, known, changed)
            except BusError as error:
                fresh = False
                log.info("bus_bucket_reread", bucket=self._stream, why=str(error))
                await asyncio.sleep(PAUSE_S)
            else:
                return

    async def _round(
        self, known: Mapping[str, int], changed: Changed
    ) -> tuple[dict[str, int], int]:
        entries, last = await self._whole()
        for key in known.keys() - entries.keys():
            await self._call(changed, key, None)
        for key, entry in entries.items():
            if known.get(key) != entry.revision:
                await self._call(changed, key, entry.value)
        return {key: entry.revision for key, entry in entries.items()}, last

    async def _tell(self, stored: Stored, known: dict[str, int], changed: Changed) -> None:
        entry = self._entry(stored)
        if _ends(stored):
            known.pop(entry.key, None)
            await self._call(changed, entry.key, None)
        else:
            known[entry.key] = entry.revision
            await self._call(changed, entry.key, entry.value)

    async def _call(self, changed: Changed, key: str, value: bytes | None) -> None:
        try:
            await changed(key, value)
        except Exception as error:  # noqa: BLE001 # the listener's rim: one value costs no other
            log.warning("bus_watch_failed", bucket=self._stream, key=key, cause=cause(error))

    async def _whole(self) -> tuple[dict[str, Entry], int]:
        """Every live entry, and the sequence it was read up to.

        That is the last one read, not the stream's: the replica that answered may lag.
        """
        entries: dict[str, Entry] = {}
        after = 0
        while page := await self._ground.read(self._stream, f"{self._prefix}>", after, PAGE):
            for stored in page:
                entry = self._entry(stored)
                entries.pop(entry.key, None)
                if not _ends(stored):
                    entries[entry.key] = entry
            after = page[-1].sequence
        return entries, after

    def _entry(self, stored: Stored) -> Entry:
        return Entry(stored.subject.removeprefix(self._prefix), stored.body, stored.sequence)

    async def _publish(self, key: str, value: bytes, headers: Mapping[str, str] | None) -> int:
        return await self._ground.publisher.publish(self._subject(key), value, headers=headers)

    def _subject(self, key: str) -> str:
        if not KEY.fullmatch(key) or key.startswith(".") or key.endswith("."):
            raise Permanent(f"not a key of a bucket: {key!r}")
        return self._prefix + key


def _ends(stored: Stored) -> bool:
    """Whether it marks the end of its key."""
    return stored.headers.get(OPERATION) in GONE
