"""Pure: the items of a webhook become events. Given to adapter.intake by main().

`items` is the table of kinds, `people` finds out who wrote. No clock, no network, no logger.
"""

from adapter.items import Platform
from ingest_whatsapp.normalize.items import KINDS
from ingest_whatsapp.payloads import CHANNEL, parse

WHATSAPP = Platform(CHANNEL, parse, {CHANNEL: KINDS})
