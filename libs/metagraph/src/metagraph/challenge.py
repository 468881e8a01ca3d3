"""The handshake: Meta asks once by GET whether a callback URL is ours, and we echo a challenge.

Called by an adapter's HTTP rim. `Handshake.answer` is a pure function of the query; `handle` is
the same as an aiohttp handler. The echo is plain text with `nosniff`, because it repeats what a
stranger wrote; everything but a right token is 403, never 200.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from aiohttp import web

MAX_CHALLENGE = 256
"""Characters. Meta's challenge is a number of about ten digits."""

Outcome = Literal["verified", "wrong_mode", "wrong_token", "wrong_challenge"]

_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer, and the outcome a counter shows."""

    status: int
    text: str
    outcome: Outcome


class Handshake:
    """Answers the subscription handshake against the app's verify tokens.

    Raises ValueError without a token or with an empty one: an empty token would let anybody
    verify our URL for an app of theirs.
    """

    def __init__(self, tokens: Sequence[bytes]) -> None:
        if not tokens or not all(tokens):
            raise ValueError("no verify token, or an empty one: the handshake cannot be answered")
        # Digests have one length, so comparing them tells nothing of the token's.
        self._digests = tuple(sha256(token).digest() for token in tokens)

    def answer(self, query: Mapping[str, str]) -> Answer:
        """The answer to a GET with these query parameters."""
        if query.get("hub.mode") != "subscribe":
            return _refuse("wrong_mode")
        if not self._known(query.get("hub.verify_token", "")):
            return _refuse("wrong_token")
        challenge = query.get("hub.challenge", "")
        if not 0 < len(challenge) <= MAX_CHALLENGE or not challenge.isprintable():
            return _refuse("wrong_challenge")
        return Answer(200, challenge, "verified")

    async def handle(self, request: web.Request) -> web.Response:
        """The same as an aiohttp handler."""
        return respond(self.answer(request.query))

    def _known(self, token: str) -> bool:
        digest = sha256(token.encode("utf-8", "surrogatepass")).digest()
        found = False
        for known in self._digests:
            found |= hmac.compare_digest(known, digest)
        return found


def respond(answer: Answer) -> web.Response:
    """The answer as an HTTP response."""
    return web.Response(
        status=answer.status, text=answer.text, content_type="text/plain", headers=_HEADERS
    )


def _refuse(outcome: Outcome) -> Answer:
    return Answer(403, "forbidden", outcome)
