"""What the widget can do: announced by adapter.announce, heeded by inbox-core.

It draws texts and files; places, buttons and the like reach a visitor as words and links.
"""

from contracts.capabilities import Capabilities, MediaLimit, Rates, TextLimit
from contracts.subjects import MIB
from widget_gateway.site.channels import CHANNEL
from widget_gateway.visitor import USER, VISITOR

MAX_FILE = 25 * MIB
CAPTION = 4096
TYPING_S = 6
"""A mark of typing ends by itself after so long (frames.TypingThere)."""


def _files(*mime_types: str) -> MediaLimit:
    return MediaLimit(mime_types=mime_types, max_bytes=MAX_FILE, caption=CAPTION)


CAPABILITIES = Capabilities(
    channel=CHANNEL,
    revision=2,
    address_kinds=(USER, VISITOR),
    text=TextLimit(max=20_000, unit="characters"),
    media={
        "image": _files("image/*"),
        "video": _files("video/*"),
        "audio": _files("audio/*"),
        "document": _files("*/*"),
    },
    read_receipts=True,
    typing_s=TYPING_S,
    receipts=("sent", "delivered", "read"),
    threads=True,
    rates=Rates(account=200),
)
