"""What Instagram can do, as inbox-core is told. Announced by main(), asked by deliver.

Sources: Meta's pages "Send API" and "Messaging" of the Instagram Platform, "Quick Replies",
"Button Template" and "Rate Limits". `revision` is raised with every change of this table.
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
    channel="instagram",
    revision=1,
    address_kinds=("igsid",),
    text=TextLimit(max=1000, unit="bytes"),
    media={
        "image": MediaLimit(mime_types=("image/jpeg", "image/png", "image/gif"), max_bytes=8 * MIB),
        "video": MediaLimit(
            mime_types=(
                "video/mp4",
                "video/ogg",
                "video/quicktime",
                "video/webm",
                "video/x-msvideo",
            ),
            max_bytes=25 * MIB,
        ),
        "audio": MediaLimit(
            mime_types=("audio/aac", "audio/mp4", "audio/mpeg", "audio/wav", "audio/x-wav"),
            max_bytes=25 * MIB,
        ),
        "document": MediaLimit(mime_types=("application/pdf",), max_bytes=25 * MIB),
    },
    # Quick replies. The body is the button template's, which link buttons are.
    buttons=ButtonLimits(max=13, title=20, id=1000, body=640),
    kinds=("platform", "link_button"),
    replies=True,
    reactions=True,
    read_receipts=True,
    typing_s=20,
    receipts=("sent", "read"),
    window=ReplyWindow(hours=24, ad_hours=7 * 24, human_agent_hours=7 * 24),
    profiles=True,
    rates=Rates(account=300, media=10),
)
