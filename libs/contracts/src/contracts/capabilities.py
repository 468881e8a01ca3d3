"""Capabilities: what a channel type can do, announced by its adapter, asked by inbox-core.

One record a channel type in bucket `capabilities`, under the type. inbox-core splits, degrades and
refuses by it before anything is sent, and never by the name of a channel. A field left out means:
cannot, or no limit known. Written by `adapter.announce`, read by inbox-core's `app.capabilities`.
"""

from typing import Literal

from pydantic import Field

from contracts.events import ChannelType
from contracts.parts import Wire


class TextLimit(Wire):
    """How long a text may be, counted in characters (Unicode code points) or bytes (UTF-8)."""

    max: int
    unit: Literal["characters", "bytes"] = "characters"


class MediaLimit(Wire):
    """A kind of file. `mime_types` exact or `image/*`; `caption` in characters, 0: none."""

    mime_types: tuple[str, ...]
    max_bytes: int
    caption: int = 0


class ButtonLimits(Wire):
    """Buttons under a text. Titles longer than `title` are degraded, not cut."""

    max: int
    title: int
    id: int
    body: int
    header: int = 0
    footer: int = 0


class ListLimits(Wire):
    """A list of rows to pick from; `rows` over all sections."""

    sections: int
    rows: int
    button: int
    title: int
    description: int
    id: int
    body: int
    header: int = 0
    footer: int = 0


class ReplyWindow(Wire):
    """How long after a person's last message they may be answered.

    `hours` for anything; `ad_hours` when that message came by an ad; `human_agent_hours` by a
    person with the tag of that name. After all of them only templates go, if there are any.
    """

    hours: int
    ad_hours: int | None = None
    human_agent_hours: int | None = None


class Rates(Wire):
    """Messages a second. `account`: phone number or page. `pair`: one person; `pair_burst` at once.

    `media` is the account's own rate for files where it differs.
    """

    account: float
    app: float | None = None
    media: float | None = None
    pair: float | None = None
    pair_burst: int = 1


class Capabilities(Wire):
    """All of a channel type. `revision` is raised with every change of this table.

    `address_kinds`: aliases that can be written to. `kinds`: further part kinds it can send as
    they are (location, contacts, template, platform, link_button). `receipts`: the statuses it
    reports. `typing_s`: how long a typing mark lasts. `profiles`: names can be looked up.
    `threads`: it shows our own threads to people (rpc.py), so its commands say where a message
    stands, and it is told when a thread changes.
    """

    channel: ChannelType
    revision: int = 1
    address_kinds: tuple[str, ...]
    text: TextLimit
    media: dict[str, MediaLimit] = Field(default_factory=dict)
    buttons: ButtonLimits | None = None
    list: ListLimits | None = None
    kinds: tuple[str, ...] = ()
    replies: bool = False
    reactions: bool = False
    read_receipts: bool = False
    typing_s: int | None = None
    receipts: tuple[Literal["sent", "delivered", "read", "played"], ...] = ("sent",)
    window: ReplyWindow | None = None
    templates: bool = False
    profiles: bool = False
    groups: bool = False
    threads: bool = False
    rates: Rates
