"""Sessions that were ended before their time: bucket `ended-sessions`.

Asked whenever a token is redeemed, from the bucket's leader, so that a session is over everywhere
the moment its end was answered.
"""

from bus.ports import Bucket
from widget_gateway.sessions.once import is_first
from widget_gateway.visitor import Visitor

BUCKET = "ended-sessions"


class EndedSessions:
    """Notes ends, and knows them. Both raise Retryable: whoever asked is told to come back."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def end(self, visitor: Visitor) -> bool:
        """Of this visitor's session; False: it was over already, perhaps a moment ago."""
        return await is_first(self._bucket, _key(visitor))

    async def has(self, visitor: Visitor) -> bool:
        return await self._bucket.get(_key(visitor)) is not None


def _key(visitor: Visitor) -> str:
    return f"{visitor.channel_id}.{visitor.session}"
