"""`POST` and `DELETE …/sessions`: how a session begins, gets an identity, and ends."""

from datetime import UTC, datetime

import orjson
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from chassis.metrics import count
from contracts.parts import rfc3339
from widget_gateway.doors.calls import Call, Route
from widget_gateway.limits import Limiter
from widget_gateway.problems import Problem
from widget_gateway.sessions.desk import SessionDesk
from widget_gateway.sessions.proofs import Identity, Proof, ProofRefused
from widget_gateway.sessions.tokens import MAX_TOKEN, SessionRefused

MAX_BODY = 16 * 1024
PATH = "/sessions"


class SessionRequest(BaseModel):
    """`token`: the one the browser kept. `identity`: what the site signed."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    token: str | None = Field(default=None, max_length=MAX_TOKEN)
    identity: Proof | None = None


class SessionDoor:
    """Built in main()."""

    def __init__(self, desk: SessionDesk, limiter: Limiter) -> None:
        self._desk = desk
        self._limiter = limiter

    def routes(self) -> list[Route]:
        return [
            Route("POST", PATH, self.open),
            Route("DELETE", PATH, self.end, held=True),
        ]

    async def open(self, call: Call) -> web.Response:
        """A session: new, renewed, or identified."""
        wait_s = await self._limiter.take("sessions", call.peer.counted_as)
        if wait_s:
            raise Problem("too_many_requests", retry_s=wait_s)
        asked = await call.read(SessionRequest, MAX_BODY)
        try:
            identity = await self._identity(call, asked.identity)
            visitor, token = await self._desk.open(call.channel, asked.token, identity)
        except SessionRefused as refused:
            count("session", "refused", refused.code)
            raise Problem(refused.code) from None
        except ProofRefused as refused:
            count("session", "refused", refused.code)
            raise Problem(refused.code, refused.why) from None
        told = {
            "token": token,
            "expires_at": rfc3339(datetime.fromtimestamp(visitor.expires_at, UTC)),
            "visitor": {"id": visitor.id, "user_id": visitor.user_id, "name": visitor.name},
        }
        return web.Response(body=orjson.dumps(told), content_type="application/json")

    async def end(self, call: Call) -> web.Response:
        """Ends it on every replica."""
        await self._desk.end(call.visitor)
        return web.Response(status=204)

    async def _identity(self, call: Call, proof: Proof | None) -> Identity | None:
        """Only what the site has signed takes from its workspace's room for proofs."""
        if proof is None:
            return None
        identity = self._desk.check(call.channel, proof)
        wait_s = await self._limiter.take("proofs", str(call.channel.workspace_id))
        if wait_s:
            raise Problem("too_many_requests", retry_s=wait_s)
        return identity
