"""The desk: where sessions begin, are renewed, get an identity, and end.

    no token, no proof    a new, anonymous visitor
    token                 the same visitor; an anonymous one's token lives longer
    proof                 a new visitor, who is that user of the site
    token and proof       anonymous: keeps their conversation, the old session ends
                          the same user: the same session
                          another user: a new visitor who sees nothing of the first; the old ends

The old session is over before the new token is handed out, and a proof is used up before
anything is done by it. Of two who identify by one session at once, one has ended it: the other is
refused, so that no visitor is ever two users.
"""

from collections.abc import Awaitable, Callable

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
TellIdentified = Callable[[Channel, Visitor], Awaitable[None]]
"""Tells the inbox that a visitor it may know has a name; never raises."""


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
            raise SessionRefused("session_ended")
        return visitor

    async def is_over(self, visitor: Visitor) -> bool:
        """Whether the session was ended, or is too old. Raises Retryable."""
        return visitor.expires_at <= self._clock() or await self._ended.has(visitor)

    async def open(
        self, channel: Channel, token: str | None, proof: Proof | None
    ) -> tuple[Visitor, str]:
        """The visitor and their token. Raises SessionRefused, ProofRefused or Retryable."""
        held = await self.redeem(channel, token) if token is not None else None
        if proof is None:
            visitor = self._renewed(channel, held)
            count("session", "began" if held is None else "renewed")
        else:
            identity = await self._proven(channel, proof)
            visitor = await self._identified(channel, held, identity)
        return visitor, self._tokens.write(visitor)

    async def end(self, visitor: Visitor) -> bool:
        """From now on, everywhere; False: it was over. Raises Retryable when it is not noted."""
        first = await self._ended.end(visitor)
        await self._tell_ended(visitor)
        count("session", "ended", "" if first else "again")
        return first

    def _renewed(self, channel: Channel, held: Visitor | None) -> Visitor:
        """Of a user, no longer than the proof allowed: only another proof makes it longer."""
        if held is None:
            return self._tokens.visitor(channel.id, new_id(), new_id())
        if held.user_id is not None:
            return held
        return self._tokens.visitor(channel.id, held.id, held.session)

    async def _proven(self, channel: Channel, proof: Proof) -> Identity:
        """Raises ProofRefused, or Retryable while nobody knows whether it was used before."""
        identity = proofs.check(proof, channel.secret, self._clock())
        if not await self._nonces.use(channel.id, identity.nonce):
            raise ProofRefused("identity_replayed", "Each jti and nonce holds once.")
        return identity

    async def _identified(
        self, channel: Channel, held: Visitor | None, identity: Identity
    ) -> Visitor:
        same = held is not None and held.user_id == identity.user_id
        known = held is not None and (same or held.user_id is None)
        visitor = self._tokens.visitor(
            channel.id,
            held.id if held is not None and known else new_id(),
            held.session if held is not None and same else new_id(),
            identity.user_id,
            identity.name,
            identity.email,
        )
        if held is not None and not same and not await self.end(held):
            raise SessionRefused("session_ended")
        if held is not None and held.user_id is None:
            await self._tell_identified(channel, visitor)
        count("session", "identified", "again" if same else "")
        return visitor
