"""Publishes a stretch of INBOUND again, through the same consumers; safe, they are idempotent.

`sluice replay` for people, and inbox-core's worker after a database's failover.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bus.ports import Publisher, Stored, StreamState
from contracts import batch

STREAM = "INBOUND"
PAGE = 100


class Source(Protocol):
    """What a replay needs of a bus; both buses have it."""

    @property
    def publisher(self) -> Publisher: ...

    async def stream(self, name: str) -> StreamState: ...

    async def first_since(self, stream: str, subject: str, since: datetime) -> int | None: ...

    async def read(
        self, stream: str, subject: str, after: int, limit: int, max_bytes: int = ...
    ) -> Sequence[Stored]: ...


@dataclass(frozen=True)
class Replayed:
    """How far it came. `unreadable` messages went again as they are unless events were chosen."""

    messages: int = 0
    events: int = 0
    unreadable: int = 0
    up_to: int = 0


async def replay(
    source: Source,
    since: datetime,
    until: datetime,
    *,
    account: str = "",
    limit: int | None = None,
    dry_run: bool = False,
    tell: Callable[[Replayed], None] = lambda _: None,
) -> Replayed:
    """Publish again what INBOUND stored from `since` up to before `until`, in order.

    `account` chooses events of one platform account, `limit` bounds the messages; `tell` hears of
    the progress after every page. What the replay itself writes is not replayed. Raises
    Unavailable or Ambiguous; `tell` knows how far it had come.
    """
    done = Replayed()
    end = (await source.stream(STREAM)).last_sequence
    first = await source.first_since(STREAM, ">", since)
    if first is None:
        return done
    after = first - 1
    while page := await source.read(STREAM, "inbound.>", after, PAGE):
        for stored in page:
            full = limit is not None and done.messages >= limit
            if stored.sequence > end or stored.at >= until or full:
                return done
            done = await _again(source.publisher, stored, account, done, dry_run=dry_run)
            after = stored.sequence
        tell(done)
    return done


async def _again(
    publisher: Publisher, stored: Stored, account: str, done: Replayed, *, dry_run: bool
) -> Replayed:
    """One message, or what is left of it."""
    try:
        items = batch.unpack(stored.body)
    except batch.NotReadable:
        body, events, readable = stored.body, 0, False
    else:
        chosen = [item for item in items if not account or _account(item) == account]
        whole = len(chosen) == len(items)
        body = stored.body if whole else batch.pack(map(batch.item_bytes, chosen))
        events, readable = len(chosen), True
    wanted = events > 0 or (not readable and not account)
    if wanted and not dry_run:
        await publisher.publish(stored.subject, body)
    return Replayed(
        messages=done.messages + wanted,
        events=done.events + events,
        unreadable=done.unreadable + (not readable),
        up_to=stored.sequence,
    )


def _account(item: Any) -> Any:
    return item.get("account") if isinstance(item, Mapping) else None
