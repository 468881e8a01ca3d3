"""What Messenger can do, as inbox-core is told. Announced by main(), asked by deliver.

Sources: Meta's pages "Send API", "Quick Replies", "Button Template", "Messenger Platform Policy"
and "Rate Limits". `revision` is raised with every change of this table.
"""

from contracts.capabilities import (
    ButtonLimits,
    Capabilities,
    MediaLimit,
    Rates,
    ReplyWindow,
    TextLimit,
)

MIB = 1024 * 1024

CAPABILITIES = Capabilities(
    channel="messenger",
    revision=1,
    address_kinds=("psid", "user_ref"),
    text=TextLimit(max=2000),
    media={
        "image": MediaLimit(
            mime_types=("image/jpeg", "image/png", "image/gif", "image/webp"), max_bytes=25 * MIB
        ),
        "video": MediaLimit(mime_types=("video/*",), max_bytes=25 * MIB),
        "audio": MediaLimit(mime_types=("audio/*",), max_bytes=25 * MIB),
        "document": MediaLimit(mime_types=("*/*",), max_bytes=25 * MIB),
    },
    # Quick replies. The body is the button template's, which link buttons are: text may be 2000.
    buttons=ButtonLimits(max=13, title=20, id=1000, body=640),
    kinds=("platform", "link_button"),
    replies=True,
    reactions=True,
    read_receipts=True,
    typing_s=20,
    receipts=("sent", "delivered", "read"),
    window=ReplyWindow(hours=24, ad_hours=7 * 24, human_agent_hours=7 * 24),
    profiles=True,
    rates=Rates(account=300, media=10),
)
