"""Follows the bucket `capabilities` into the book of this process. Started by main()."""

import structlog
from prometheus_client import Counter
from pydantic import ValidationError

from bus.ports import Bucket
from contracts.capabilities import Capabilities
from inbox_core.app.capabilities import Book

ANNOUNCED = Counter(
    "sluice_capabilities_total", "Announcements of channel types, by outcome", ["outcome"]
)

log = structlog.get_logger()


async def follow_capabilities(bucket: Bucket, book: Book) -> None:
    """Read every announcement there is, then go on with every new one until the bus closes."""

    async def changed(channel_type: str, value: bytes | None) -> None:
        if value is None:
            book.strike(channel_type)
            ANNOUNCED.labels("struck").inc()
            return
        try:
            book.note(Capabilities.model_validate_json(value))
        except ValidationError as error:
            # What was known before stays: an adapter of another release is at work.
            why = error.error_count()
            log.warning("capabilities_unreadable", channel=channel_type, errors=why)
            ANNOUNCED.labels("unreadable").inc()
            return
        ANNOUNCED.labels("noted").inc()

    await bucket.watch(changed)
