"""Each proof of identity is used by one session: an atomic create in bucket `nonces`.

It is kept for longer than a proof holds (contracts.subjects, BUCKETS). Without an answer of the bus
nobody is identified.
"""

import hashlib
from uuid import UUID

from bus.ports import Bucket
from widget_gateway.sessions.once import claim

BUCKET = "nonces"


class Nonces:
    """Of all replicas."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def use(self, channel_id: UUID, nonce: str, by: str) -> bool:
        """Whether it is the proof of `by` alone: used now for the first time, or by them before.

        `by`: the session that shows it, or an id of this request's own. Whoever lost the answer
        shows it again. Raises Unavailable while that is unknown.
        """
        digest = hashlib.sha256(nonce.encode()).hexdigest()
        user = by.encode()
        return await claim(self._bucket, f"{channel_id}.{digest}", user) == user
