"""Each proof of identity is used once: an atomic create in bucket `nonces`, kept for an hour.

Without an answer of the bus nobody is identified.
"""

import hashlib
from uuid import UUID

from bus.ports import Bucket
from widget_gateway.sessions.once import is_first

BUCKET = "nonces"


class Nonces:
    """Of all replicas."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def use(self, channel_id: UUID, nonce: str) -> bool:
        """Whether it is used now for the first time. Raises Unavailable while that is unknown."""
        digest = hashlib.sha256(nonce.encode()).hexdigest()
        return await is_first(self._bucket, f"{channel_id}.{digest}")
