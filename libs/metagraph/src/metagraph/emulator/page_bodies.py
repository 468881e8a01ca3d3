"""Webhook bodies of `page` and `instagram`: entries by account, items in each. Pure.

Used for what people do, for echoes, and for what becomes of messages. Times are milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from metagraph.emulator.names import INSTAGRAM, Platform


@dataclass(frozen=True, slots=True)
class Event:
    """One item of `messaging`, or of `standby` while another app holds the thread.

    `id` is the message's, when it is one.
    """

    object: Platform
    account: str
    value: dict[str, Any]
    id: str = ""
    standby: bool = False

    @property
    def at_ms(self) -> int:
        """When it happened; 0 when a test has put something else in its place."""
        at = self.value.get("timestamp")
        return at if isinstance(at, int) else 0

    @property
    def weight(self) -> int:
        """Bytes it adds to a body, about."""
        return len(orjson.dumps(self.value)) + 100


def event(
    platform: Platform, account: str, person: str, now_ms: int, what: dict[str, Any], mid: str = ""
) -> Event:
    """Something a person did at an account."""
    base = {"sender": {"id": person}, "recipient": {"id": account}, "timestamp": now_ms}
    return Event(platform, account, base | what, mid)


def echo(
    platform: Platform, account: str, person: str, now_ms: int, message: dict[str, Any]
) -> Event:
    """A message the account sent, as it hears of it: sender and recipient change places."""
    base = {"sender": {"id": account}, "recipient": {"id": person}, "timestamp": now_ms}
    message = {"mid": message["mid"], "is_echo": True} | message
    return Event(platform, account, base | {"message": message}, message["mid"])


def receipt(platform: Platform, name: str, mid: str, now_ms: int) -> dict[str, Any] | None:
    """What a status is called here; None: the platform has no word for it.

    Messenger tells of delivery, and of reading up to a time; Instagram of reading a message.
    """
    if platform == INSTAGRAM:
        return {"read": {"mid": mid}} if name == "read" else None
    if name == "delivered":
        return {"delivery": {"mids": [mid], "watermark": now_ms}}
    return {"read": {"watermark": now_ms}} if name == "read" else None


def envelope(events: Sequence[Event]) -> bytes:
    """The body of one POST that carries these events, all of one object."""
    entries: dict[str, dict[str, Any]] = {}
    for one in events:
        entry = entries.setdefault(one.account, {"id": one.account, "time": 0})
        entry["time"] = max(entry["time"], one.at_ms)
        entry.setdefault("standby" if one.standby else "messaging", []).append(one.value)
    return orjson.dumps({"object": events[0].object, "entry": list(entries.values())})
