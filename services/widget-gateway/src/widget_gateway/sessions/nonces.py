"""Each proof of identity is used once: an atomic create in bucket `nonces`, kept for an hour.

Without an answer of the bus nobody is identified.
"""

import hashlib
import secrets
from uuid import UUID

from bus.errors import Ambiguous, Conflict, Unavailable
from bus.ports import Bucket

BUCKET = "nonces"
CLAIM_BYTES = 16
TRIES = 2


class Nonces:
    """Of all replicas."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def use(self, channel_id: UUID, nonce: str) -> bool:
        """Whether it is used now for the first time. Raises Unavailable while that is unknown."""
        key = f"{channel_id}.{hashlib.sha256(nonce.encode()).hexdigest()}"
        ours = secrets.token_bytes(CLAIM_BYTES)
        for _ in range(TRIES):
            try:
                await self._bucket.create(key, ours)
            except Conflict:
                return False
            except Ambiguous:
                # Perhaps it is stored: what stands there now says by whom.
                entry = await self._bucket.get(key)
                if entry is not None:
                    return entry.value == ours
            else:
                return True
        raise Unavailable("a nonce could not be claimed")
