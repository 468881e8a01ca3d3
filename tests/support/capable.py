"""What channels can do, for tests: one that can everything, and ways to take some of it away."""

from typing import Any

from contracts.capabilities import (
    ButtonLimits,
    Capabilities,
    ListLimits,
    MediaLimit,
    Rates,
    ReplyWindow,
    TextLimit,
)

MIB = 1024 * 1024
MEDIA = {
    "image": MediaLimit(mime_types=("image/jpeg", "image/png"), max_bytes=5 * MIB, caption=20),
    "audio": MediaLimit(mime_types=("audio/*",), max_bytes=16 * MIB),
    "document": MediaLimit(mime_types=("*/*",), max_bytes=100 * MIB, caption=20),
}
BUTTONS = ButtonLimits(max=3, title=10, id=20, body=40, header=10, footer=10)
LIST = ListLimits(
    sections=2, rows=5, button=10, title=12, description=20, id=20, body=40, header=10, footer=10
)


def capable(channel: str = "whatsapp", **changed: Any) -> Capabilities:
    """A channel that can everything, but for what a test changes."""
    can: dict[str, Any] = {
        "channel": channel,
        "address_kinds": ("phone",),
        "text": TextLimit(max=100),
        "media": MEDIA,
        "buttons": BUTTONS,
        "list": LIST,
        "kinds": ("location", "contacts", "template", "platform", "link_button"),
        "replies": True,
        "reactions": True,
        "read_receipts": True,
        "typing_s": 20,
        "window": ReplyWindow(hours=24, ad_hours=72, human_agent_hours=168),
        "templates": True,
        "profiles": True,
        "rates": Rates(account=10),
    }
    return Capabilities(**{**can, **changed})
