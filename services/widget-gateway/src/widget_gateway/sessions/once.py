"""Once: who comes first to a key of a bucket, over all replicas. Used by nonces.py and ended.py."""

from bus.errors import Ambiguous, Conflict, Unavailable
from bus.ports import Bucket

TRIES = 2


async def claim(bucket: Bucket, key: str, value: bytes) -> bytes:
    """Create the key, unless it is there; the answer is the value that stands now.

    Whose value is of nobody else thereby knows whether they came first, now or in a try before.
    Raises Unavailable while that is unknown.
    """
    for _ in range(TRIES):
        try:
            await bucket.create(key, value)
        except (Conflict, Ambiguous):
            # Somebody has, or perhaps we have: what stands there now says who.
            entry = await bucket.get(key)
            if entry is not None:
                return entry.value
        else:
            return value
    raise Unavailable("a key could not be claimed")
