"""What WhatsApp can do, as inbox-core is told. Announced by main(), asked by deliver.

Sources: Meta's Cloud API pages "Messages", "Interactive messages", "Media", "Throughput" and
"Typing indicators". `revision` is raised with every change of this table.
"""

from contracts.capabilities import (
    ButtonLimits,
    Capabilities,
    ListLimits,
    MediaLimit,
    Rates,
    ReplyWindow,
    TextLimit,
)
from ingest_whatsapp.payloads import CHANNEL

KIB, MIB = 1024, 1024 * 1024

CAPABILITIES = Capabilities(
    channel=CHANNEL,
    revision=1,
    address_kinds=("phone", "wa_id", "bsuid", "group"),
    text=TextLimit(max=4096),
    media={
        "image": MediaLimit(
            mime_types=("image/jpeg", "image/png"), max_bytes=5 * MIB, caption=1024
        ),
        "video": MediaLimit(
            mime_types=("video/mp4", "video/3gpp"), max_bytes=16 * MIB, caption=1024
        ),
        "audio": MediaLimit(
            mime_types=("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"),
            max_bytes=16 * MIB,
        ),
        # Animated ones; still ones may have 100 KiB, which Meta says when it must.
        "sticker": MediaLimit(mime_types=("image/webp",), max_bytes=500 * KIB),
        "document": MediaLimit(mime_types=("*/*",), max_bytes=100 * MIB, caption=1024),
    },
    buttons=ButtonLimits(max=3, title=20, id=256, body=1024, header=60, footer=60),
    list=ListLimits(
        sections=10,
        rows=10,
        button=20,
        title=24,
        description=72,
        id=200,
        body=4096,
        header=60,
        footer=60,
    ),
    kinds=("location", "contacts", "template", "platform", "link_button"),
    replies=True,
    reactions=True,
    read_receipts=True,
    typing_s=25,
    receipts=("sent", "delivered", "read", "played"),
    window=ReplyWindow(hours=24),
    templates=True,
    groups=True,
    # Of a number at first; one person may get 45 messages at once, then one in six seconds.
    rates=Rates(account=80, pair=1 / 6, pair_burst=45),
)
