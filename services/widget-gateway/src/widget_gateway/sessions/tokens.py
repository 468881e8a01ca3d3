"""Tokens of sessions: who a visitor is, signed, in one word. Kept by the browser alone.

Signed under the ring `visitors` for one channel: the token of another channel is no token here.
Readable by whoever holds it, who is the visitor. Fields are joined by a character that none of
them may have.
"""

from collections.abc import Callable
from uuid import UUID

from vault.signing import Signer
from widget_gateway.visitor import Visitor

PURPOSE = "visitor-session"
VERSION = "1"
SEPARATOR = "\x1f"
FIELDS = 8

DAY_S = 24 * 3600
ANONYMOUS_S = 180 * DAY_S
IDENTIFIED_S = 7 * DAY_S
REMEMBERED_S = 180 * DAY_S
"""How long the end of a session is known: the age of bucket `ended-sessions`."""
MAX_TOKEN = 2048
"""Characters. The fields are bounded (proofs.py), so that every token we make fits."""


class SessionRefused(Exception):
    """`code` as in problems.KINDS: session_refused, session_expired or session_ended."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Tokens:
    """Writes and reads tokens. `clock`: seconds since the epoch."""

    def __init__(self, signer: Signer, clock: Callable[[], float]) -> None:
        self._signer = signer
        self._clock = clock

    def visitor(
        self,
        channel_id: UUID,
        visitor_id: str,
        session: str,
        user_id: str | None = None,
        name: str | None = None,
        email: str | None = None,
    ) -> Visitor:
        """Somebody whose session begins, or is renewed, now."""
        now = int(self._clock())
        life_s = ANONYMOUS_S if user_id is None else IDENTIFIED_S
        return Visitor(channel_id, visitor_id, session, now, now + life_s, user_id, name, email)

    def write(self, visitor: Visitor) -> str:
        """The visitor's token. Raises ValueError when a field has the separator in it."""
        times = str(visitor.issued_at), str(visitor.expires_at)
        proven = visitor.user_id or "", visitor.name or "", visitor.email or ""
        fields = (VERSION, visitor.id, visitor.session, *times, *proven)
        if any(SEPARATOR in field for field in fields):
            raise ValueError("a field of a token has a control character")
        return self._signer.wrap(_purpose(visitor.channel_id), SEPARATOR.join(fields).encode())

    def read(self, channel_id: UUID, token: str) -> Visitor:
        """Who holds it. Raises SessionRefused; whether the session was ended is not known here."""
        visitor = self.read_late(channel_id, token)
        if visitor.expires_at <= self._clock():
            raise SessionRefused("session_expired")
        return visitor

    def read_late(self, channel_id: UUID, token: str) -> Visitor:
        """Who holds it, or held it until it expired: for as long as an end would be remembered.

        Raises SessionRefused.
        """
        raw = self._signer.unwrap(_purpose(channel_id), token) if len(token) <= MAX_TOKEN else None
        if raw is None:
            raise SessionRefused("session_refused")
        fields = raw.decode().split(SEPARATOR)
        if len(fields) != FIELDS or fields[0] != VERSION:
            raise SessionRefused("session_refused")  # of another release
        _, visitor_id, session, issued, expires, user_id, name, email = fields
        if int(issued) + REMEMBERED_S <= self._clock():
            raise SessionRefused("session_expired")
        return Visitor(
            channel_id=channel_id,
            id=visitor_id,
            session=session,
            issued_at=int(issued),
            expires_at=int(expires),
            user_id=user_id or None,
            name=name or None,
            email=email or None,
        )


def _purpose(channel_id: UUID) -> str:
    return f"{PURPOSE}:{channel_id}"
