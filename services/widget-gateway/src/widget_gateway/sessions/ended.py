"""Sessions that were ended before their time: bucket `ended-sessions`.

Asked whenever a token is redeemed, from the bucket's leader, so that a session is over everywhere
the moment its end was answered. An entry is never changed: who ended a session first has ended it.
"""

import hashlib
from dataclasses import dataclass

from bus.ports import Bucket
from widget_gateway.sessions.once import claim
from widget_gateway.visitor import Visitor, new_id

BUCKET = "ended-sessions"
SEPARATOR = "."
"""No digest and no id has one."""


@dataclass(frozen=True, slots=True)
class End:
    """How a session ended. Of one that was left for another by a proof, whose, and for which.

    `user`: a digest of the user's id. `visitor` and `session`: the ids that go on.
    """

    user: str | None = None
    visitor: str = ""
    session: str = ""

    def is_by(self, user_id: str | None) -> bool:
        """Whether this user's proof ended it."""
        return user_id is not None and self.user == _digest(user_id)


class EndedSessions:
    """Notes ends, and knows them. All raise Retryable: whoever asked is told to come back."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    async def end(self, visitor: Visitor) -> bool:
        """Of this visitor's session, for good; False: it was over already, perhaps a moment ago."""
        mark = new_id().encode()
        return await claim(self._bucket, _key(visitor), mark) == mark

    async def leave(self, visitor: Visitor, successor: Visitor) -> End:
        """End a session for that of a user; the answer is the end that counts, perhaps another."""
        user = _digest(successor.user_id or "")
        mark = SEPARATOR.join((user, successor.id, successor.session))
        return _read(await claim(self._bucket, _key(visitor), mark.encode()))

    async def has(self, visitor: Visitor) -> bool:
        return await self.find(visitor) is not None

    async def find(self, visitor: Visitor) -> End | None:
        """None: it was not ended."""
        entry = await self._bucket.get(_key(visitor))
        return None if entry is None else _read(entry.value)


def _key(visitor: Visitor) -> str:
    return f"{visitor.channel_id}.{visitor.session}"


def _digest(user_id: str) -> str:
    return hashlib.sha256(user_id.encode()).hexdigest()


def _read(mark: bytes) -> End:
    fields = mark.decode(errors="replace").split(SEPARATOR)
    return End(*fields) if len(fields) == 3 else End()  # noqa: PLR2004 - as `leave` writes it
