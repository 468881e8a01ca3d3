"""The desk: where sessions begin, are renewed, get an identity, and end.

    no token, no proof    a new, anonymous visitor
    token                 the same visitor; an anonymous one's token lives longer
    proof                 a new visitor, who is that user of the site
    token and proof       anonymous: keeps their conversation, the old session ends
                          the same user: the same session, also when the token has expired
                          another user: a new visitor who sees nothing of the first; the old ends

The old session is over before the new token is handed out, and a proof is used up before
anything is done by it. Both are noted with who did it: whoever lost the answer asks again and is
answered the same. Of two users who identify by one session at once, one has ended it: the other
is refused, so that no visitor is ever two users.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from chassis.metrics import count
from widget_gateway.sessions import proofs
from widget_gateway.sessions.ended import EndedSessions
from widget_gateway.sessions.nonces import Nonces
from widget_gateway.sessions.proofs import Identity, Proof, ProofRefused
from widget_gateway.sessions.tokens import SessionRefused, Tokens
from widget_gateway.site.channels import Channel
from widget_gateway.visitor import Visitor, new_id

TellEnded = Callable[[Visitor], Awaitable[None]]
"""Closes the sockets of a visitor's session on every replica; never raises."""
TellIdentified = Callable[[Channel, Visitor], None]
"""Begins to tell the inbox that a visitor it may know has a name; returns at once."""


class SessionDesk:
    """`clock`: seconds since the epoch."""

    def __init__(
        self,
        tokens: Tokens,
        ended: EndedSessions,
        nonces: Nonces,
        tell_ended: TellEnded,
        tell_identified: TellIdentified,
        clock: Callable[[], float],
    ) -> None:
        self._tokens = tokens
        self._ended = ended
        self._nonces = nonces
        self._tell_ended = tell_ended
        self._tell_identified = tell_identified
        self._clock = clock

    async def redeem(self, channel: Channel, token: str) -> Visitor:
        """Who holds the token. Raises SessionRefused, or Retryable while that is unknown."""
        visitor = self._tokens.read(channel.id, token)
        if await self.is_over(visitor):
            # Whoever noted the end may have died before anybody was told.
            await self._tell_ended(visitor)
            raise SessionRefused("session_ended")
        return visitor

    async def is_over(self, visitor: Visitor) -> bool:
        """Whether the session was ended, or is too old. Raises Retryable."""
        return visitor.expires_at <= self._clock() or await self._ended.has(visitor)

    def check(self, channel: Channel, proof: Proof) -> Identity:
        """Who the site says it is; nothing is used up yet. Raises ProofRefused."""
        return proofs.check(proof, channel.secret, self._clock())

    async def open(
        self, channel: Channel, token: str | None, identity: Identity | None
    ) -> tuple[Visitor, str]:
        """The visitor and their token. Raises SessionRefused, ProofRefused or Retryable.

        `identity`: what `check` has answered.
        """
        if identity is not None:
            visitor = await self._identified(channel, token, identity)
        else:
            held = await self.redeem(channel, token) if token is not None else None
            visitor = self._renewed(channel, held)
            count("session", "began" if held is None else "renewed")
        return visitor, self._tokens.write(visitor)

    async def end(self, visitor: Visitor) -> None:
        """From now on, everywhere. Raises Retryable when it is not noted."""
        first = await self._ended.end(visitor)
        await self._tell_ended(visitor)
        count("session", "ended", "" if first else "again")

    def _renewed(self, channel: Channel, held: Visitor | None) -> Visitor:
        """Of a user, no longer than the proof allowed: only another proof makes it longer."""
        if held is None:
            return self._tokens.visitor(channel.id, new_id(), new_id())
        if held.user_id is not None:
            return held
        return self._tokens.visitor(channel.id, held.id, held.session)

    async def _identified(self, channel: Channel, token: str | None, identity: Identity) -> Visitor:
        """Every step may be the last of this process: the next try goes on from there."""
        held = await self._shown(channel, token, identity) if token is not None else None
        by = held.session if held is not None else new_id()
        if not await self._nonces.use(channel.id, identity.nonce, by):
            raise ProofRefused("identity_replayed", "Each jti and nonce holds once.")
        visitor = self._next(channel, held, identity)
        again = held is not None and visitor.session == held.session
        if held is not None and not again:
            visitor = await self._moved(held, visitor)
        if held is not None and held.user_id is None:
            self._tell_identified(channel, visitor)
        count("session", "identified", "again" if again else "")
        return visitor

    async def _shown(self, channel: Channel, token: str, identity: Identity) -> Visitor:
        """Who holds a token that comes with a proof. Raises SessionRefused, before it is used.

        Of this very user the session may have expired, or have been left by them a moment ago.
        """
        held = self._tokens.read_late(channel.id, token)
        end = await self._ended.find(held)
        if end is None:
            if held.expires_at <= self._clock() and held.user_id != identity.user_id:
                raise SessionRefused("session_expired")
            return held
        successor = replace(held, session=end.session)
        if not end.is_by(identity.user_id) or await self._ended.has(successor):
            await self._tell_ended(held)
            raise SessionRefused("session_ended")
        return held

    def _next(self, channel: Channel, held: Visitor | None, identity: Identity) -> Visitor:
        """Who they are from now on."""
        same = held is not None and held.user_id == identity.user_id
        known = held is not None and (same or held.user_id is None)
        return self._tokens.visitor(
            channel.id,
            held.id if held is not None and known else new_id(),
            held.session if held is not None and same else new_id(),
            identity.user_id,
            identity.name,
            identity.email,
        )

    async def _moved(self, held: Visitor, visitor: Visitor) -> Visitor:
        """Leaves the old session for the visitor's; by the ids of the first try, if it is another.

        Raises SessionRefused when somebody else was first.
        """
        end = await self._ended.leave(held, visitor)
        await self._tell_ended(held)
        if not end.is_by(visitor.user_id):
            raise SessionRefused("session_ended")
        return replace(visitor, id=end.visitor, session=end.session)
