"""The ledger: every send the emulator accepted, in order. The witness of tests about doubles.

Written by graph_api.py at the moment of acceptance, before the answer, so a call that never got
its answer stands here too. Bounded: the oldest entries go first, and are counted.
"""

import time
from collections import Counter, deque
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Literal

PAGE = 1000
SHOWN_DOUBLES = 100


@dataclass(frozen=True, slots=True)
class Entry:
    """An accepted call. `ref` is its `biz_opaque_callback_data`; `at` seconds since the epoch."""

    number: int
    at: float
    kind: Literal["message", "receipt"]
    wamid: str
    phone_number_id: str
    to: str
    ref: str | None
    body: dict[str, Any]


class Ledger:
    """Entries numbered from 1, and how often each client reference was accepted."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: deque[Entry] = deque()
        self._refs: Counter[str] = Counter()
        self._last = 0
        self.evicted = 0

    def add(
        self,
        kind: Literal["message", "receipt"],
        wamid: str,
        phone_number_id: str,
        to: str,
        body: dict[str, Any],
    ) -> Entry:
        """Record an acceptance, now."""
        self._last += 1
        ref = body.get("biz_opaque_callback_data")
        entry = Entry(self._last, time.time(), kind, wamid, phone_number_id, to, ref, body)
        self._entries.append(entry)
        if ref is not None:
            self._refs[ref] += 1
        if len(self._entries) > self._limit:
            self._evict()
        return entry

    def after(self, number: int, limit: int = PAGE) -> list[Entry]:
        """Up to `limit` entries with a higher number, in order."""
        first = self._entries[0].number if self._entries else 1
        start = max(number + 1 - first, 0)
        return list(islice(self._entries, start, start + limit))

    def summary(self) -> dict[str, Any]:
        """Counts, and the references accepted more than once."""
        doubles = {ref: times for ref, times in self._refs.items() if times > 1}
        return {
            "last": self._last,
            "messages": sum(entry.kind == "message" for entry in self._entries),
            "receipts": sum(entry.kind == "receipt" for entry in self._entries),
            "evicted": self.evicted,
            "double_refs": len(doubles),
            "doubles": dict(islice(doubles.items(), SHOWN_DOUBLES)),
        }

    def clear(self) -> None:
        """Forget everything; numbers start at 1 again."""
        self._entries.clear()
        self._refs.clear()
        self._last = self.evicted = 0

    def _evict(self) -> None:
        gone = self._entries.popleft()
        self.evicted += 1
        if gone.ref is not None:
            self._refs[gone.ref] -= 1
            if self._refs[gone.ref] <= 0:
                del self._refs[gone.ref]


def as_json(entry: Entry) -> dict[str, Any]:
    """An entry as the control API shows it."""
    return asdict(entry)
