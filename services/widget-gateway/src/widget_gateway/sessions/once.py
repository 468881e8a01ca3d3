"""Once: who comes first to a key of a bucket, over all replicas. Used by nonces.py and ended.py."""

import secrets

from bus.errors import Ambiguous, Conflict, Unavailable
from bus.ports import Bucket

CLAIM_BYTES = 16
TRIES = 2


async def is_first(bucket: Bucket, key: str) -> bool:
    """Create the key; False: somebody has. Raises Unavailable while that is unknown."""
    ours = secrets.token_bytes(CLAIM_BYTES)
    for _ in range(TRIES):
        try:
            await bucket.create(key, ours)
        except Conflict:
            return False
        except Ambiguous:
            # Perhaps it is stored: what stands there now says by whom.
            entry = await bucket.get(key)
            if entry is not None:
                return entry.value == ours
        else:
            return True
    raise Unavailable("a key could not be claimed")
