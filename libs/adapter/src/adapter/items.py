"""Items and the tables of their kinds: the shape every platform's `normalize` has.

A platform's payloads.parse makes Items of a body; its Kinds makes an event of each. What stands in
a Kinds' table is understood; everything else becomes an Unsupported event with its JSON text, so
that a later version of the table can make more of it: an event keeps its id whatever is made of
it, and carries the number of the version that made it. Used by bodies.py and renormalize.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from adapter.fields import Unknown, Wire, mapping, raw, time_of
from contracts import events
from contracts.parts import rfc3339

Why = Literal["unknown_kind", "malformed", "oversized"]

MALFORMED = "malformed"
"""The kind, or the end of the kind, of what cannot say what it is."""

(
    MESSAGE,
    EDIT,
    DELETION,
    REACTION,
    DELIVERY,
    WATERMARK,
    CONTACT,
    THREAD_CONTROL,
    ACCOUNT,
    UNSUPPORTED,
) = (
    model.model_fields["type"].default
    for model in (
        events.MessageEvent,
        events.EditEvent,
        events.DeletionEvent,
        events.ReactionEvent,
        events.DeliveryEvent,
        events.WatermarkEvent,
        events.ContactEvent,
        events.ThreadControlEvent,
        events.AccountEvent,
        events.UnsupportedEvent,
    )
)
"""The types of events, as they stand on the wire."""


class Item(NamedTuple):
    """One fact of a body. `account` None: the body does not say whose it is.

    `body` is the JSON value as it came; `beside` what stood around it and its kind needs;
    `entry_time` the raw time of its entry, the only date of some. `channel`: the channel type.
    """

    kind: str
    account: str | None
    body: Any
    beside: Any = None
    entry_time: Any = None
    channel: str = ""


class Parsed(NamedTuple):
    """A body taken apart. `refused` names why there are no items: unparsable, unknown_object.

    `mended` counts strings in which U+FFFD stands for characters that nothing can store.
    """

    items: list[Item]
    refused: str | None = None
    mended: int = 0


class Made(NamedTuple):
    """What a row of a table makes of an item: the type of the event, and its data.

    `time` where the item says it elsewhere than its `timestamp`.
    """

    type: str
    data: Wire
    time: str | None = None


Make = Callable[[Item], Made]
"""Makes the event of one kind. Pure. Raises ValueError when the item lacks what its kind needs, and
Unknown when something inside it is of a kind nobody knows."""


@dataclass(frozen=True)
class Kinds:
    """A channel type's table. `version` is raised whenever the table understands more.

    `event_id(item, account)` names the fact; `described(item)` is what an unsupported event may
    say of it (external_id, contact, group_id, direction); `kept(item)` is what of its `beside`
    a later version will need.
    """

    channel: str
    version: int
    table: Mapping[str, Make]
    event_id: Callable[[Item, str], str]
    described: Callable[[Item], Wire]
    kept: Callable[[Item], Any] = lambda item: item.beside

    def normalize(self, item: Item, received_at: datetime) -> Wire:
        """The event of one item of a known account, as it stands on the wire.

        `received_at` is its time only where the platform gave none. Raises ValueError when the
        item lacks what its kind needs, and Unwritable when it cannot even be kept raw.
        """
        make = self.table.get(item.kind)
        if make is None:
            return self.unsupported(item, received_at)
        try:
            made = make(item)
        except Unknown:
            return self.unsupported(item, received_at)
        return self._event(item, received_at, made)

    def unsupported(self, item: Item, received_at: datetime, why: Why = "unknown_kind") -> Wire:
        """The item as it came; with a person it is shown in their conversation."""
        data: Wire = {
            "kind": item.kind,
            "raw": raw(item.body).decode(),
            "why": MALFORMED if item.kind.endswith(MALFORMED) else why,
            **self.described(item),
        }
        beside = {"beside": self.kept(item), "entry_time": item.entry_time}
        if any(value is not None for value in beside.values()):
            data["beside"] = raw(beside).decode()
        return self._event(item, received_at, Made(UNSUPPORTED, data))

    def _event(self, item: Item, received_at: datetime, made: Made) -> Wire:
        account = item.account or ""
        return {
            "specversion": "1.0",
            "id": self.event_id(item, account),
            "source": _source(self.channel, account),
            "time": made.time
            or time_of(mapping(item.body).get("timestamp"))
            or time_of(item.entry_time)
            or rfc3339(received_at),
            "datacontenttype": "application/json",
            "channel": self.channel,
            "account": account,
            "normalizer": self.version,
            "type": made.type,
            "data": made.data,
        }


@lru_cache(maxsize=1024)
def _source(channel: str, account: str) -> str:
    return events.source(channel, account)


@dataclass(frozen=True)
class Platform:
    """What receiving needs to know of a platform. `name` is the service's word for it in logs.

    `parse` makes items of an authentic body and never raises; `kinds` holds a table a channel
    type, under the `channel` of the items.
    """

    name: str
    parse: Callable[[bytes], Parsed]
    kinds: Mapping[str, Kinds]
