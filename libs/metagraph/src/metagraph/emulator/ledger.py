"""The ledger: every send the emulator accepted, in order. The witness of tests about doubles.

Written by the Graph side at the moment of acceptance, before the answer, so a call that never got
its answer stands here too. Bounded: the oldest entries go first, and are counted.
"""

import time
from collections import Counter, deque
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, Literal

from metagraph.emulator.names import WHATSAPP

PAGE = 1000
Kind = Literal["message", "receipt", "action"]
SHOWN_DOUBLES = 100


@dataclass(frozen=True, slots=True)
class About:
    """What a send says: Meta's type, its words, and the hexadecimal sha256 of a file put in."""

    type: str = "text"
    text: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An accepted call. `ref` is the caller's own mark, `at` seconds since the epoch.

    `phone_number_id` is the account on every platform, `wamid` the message's id.
    """

    number: int
    at: float
    kind: Kind
    wamid: str
    phone_number_id: str
    to: str
    ref: str | None
    body: dict[str, Any]
    object: str = WHATSAPP
    type: str = "text"
    text: str | None = None
    sha256: str | None = None


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
        kind: Kind,
        wamid: str,
        phone_number_id: str,
        to: str,
        body: dict[str, Any],
        *,
        platform: str = WHATSAPP,
        about: About = About(),
    ) -> Entry:
        """Record an acceptance, now."""
        self._last += 1
        entry = Entry(
            self._last, time.time(), kind, wamid, phone_number_id, to, mark(body), body,
            platform, about.type, about.text, about.sha256,
        )  # fmt: skip
        ref = entry.ref
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
            "actions": sum(entry.kind == "action" for entry in self._entries),
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


def mark(body: dict[str, Any]) -> str | None:
    """The caller's own mark on a send: WhatsApp's callback data, or a page's metadata."""
    message = body.get("message")
    found = message.get("metadata") if isinstance(message, dict) else None
    found = body.get("biz_opaque_callback_data", found)
    return found if isinstance(found, str) else None


def as_json(entry: Entry) -> dict[str, Any]:
    """An entry as the control API shows it."""
    return asdict(entry)
