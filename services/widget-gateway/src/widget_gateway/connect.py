"""Connect: what makes a widget channel connected. Given to adapter.validation by main().

There is no platform to ask: the word in the page, the secret and the site must be in order. A
mistake names the field and says what to write instead.
"""

import re

from typing_extensions import override

from adapter.validation import Connect, Connected, Unfit
from contracts.events import AccountHealth
from contracts.rpc import ValidateAnswer, ValidateRequest
from widget_gateway.site.config import NotASite, parse

ACCOUNT = re.compile(r"[A-Za-z0-9_-]{4,64}")
RESERVED = frozenset({"files", "lang", "assets"})
"""First words of other addresses under /widget/v1."""
LEAST_SECRET = 32
MAX_SECRET = 512
MOST_TOLD = 5
"""Mistakes named in one answer."""


class WidgetConnect(Connect):
    """Stateless."""

    @override
    async def __call__(self, ask: ValidateRequest, token: str) -> Connected:
        if not ACCOUNT.fullmatch(ask.account) or ask.account in RESERVED:
            raise Unfit("The public key has 4 to 64 letters, digits, - and _.", "account")
        if not LEAST_SECRET <= len(token) <= MAX_SECRET:
            raise Unfit(
                f"The secret has {LEAST_SECRET} to {MAX_SECRET} characters; make a random one.",
                "secret",
            )
        try:
            site = parse(ask.config)
        except NotASite as wrong:
            raise Unfit(" ".join(wrong.mistakes[:MOST_TOLD]), "config") from None
        return Connected(
            ValidateAnswer(name=site.title or ask.account, health=AccountHealth(state="active"))
        )
