"""CHANNELS: the channels of the Meta family this service serves, a row each.

A new one is a folder of the same files and a row here. Read by main().
"""

from collections.abc import Mapping
from functools import partial
from typing import NamedTuple

from adapter.items import Kinds, Platform
from ingest_meta.channels.instagram import normalize as instagram
from ingest_meta.channels.messenger import normalize as messenger
from ingest_meta.payloads import parse


class Channel(NamedTuple):
    """`object`: the word its webhooks begin with. `kinds`: its table."""

    object: str
    kinds: Kinds


CHANNELS: Mapping[str, Channel] = {
    messenger.CHANNEL: Channel("page", messenger.KINDS),
    instagram.CHANNEL: Channel("instagram", instagram.KINDS),
}

META = Platform(
    "meta",
    partial(parse, {row.object: channel for channel, row in CHANNELS.items()}),
    {channel: row.kinds for channel, row in CHANNELS.items()},
)
"""What receiving needs to know of all of them."""
