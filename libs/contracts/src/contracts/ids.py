"""Deterministic event ids: the same fact gets the same id, however often it arrives.

Called by every adapter's `normalize`. The truth of deduplication is a Postgres key made of the
same parts (architecture §3 and §4); the id makes a repeat recognizable before that.
"""

import hashlib

MAX_ID_LENGTH = 512
"""Bytes. Instagram's message ids exceed 160 characters; longer ids than this are hashed."""


def event_id(channel: str, account: str, kind: str, external_id: str, status: str = "") -> str:
    """`channel:account:kind:external id[:status]`, hashed at the end when it would be too long."""
    tail = f":{status}" if status else ""
    whole = f"{channel}:{account}:{kind}:{external_id}{tail}"
    if len(whole.encode()) <= MAX_ID_LENGTH:
        return whole
    return f"{channel}:{account}:{kind}:{digest(external_id.encode())}{tail}"


def item_id(channel: str, account: str, kind: str, item: bytes) -> str:
    """The id of an item that carries none of its own: a hash of its bytes."""
    return f"{channel}:{account}:{kind}:{digest(item)}"


def digest(data: bytes) -> str:
    """40 hexadecimal digits of SHA-256: ids, never signatures."""
    return hashlib.sha256(data).hexdigest()[:40]
