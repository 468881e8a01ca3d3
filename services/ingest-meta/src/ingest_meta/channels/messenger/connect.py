"""Connect: what makes a Facebook page connected. Given to adapter.roles by main().

The token is the page's own, and the app gets the page's webhooks.
"""

import asyncio
from datetime import UTC, datetime

from typing_extensions import override

from adapter.validation import Connect, Connected, Unfit
from contracts.events import AccountHealth
from contracts.rpc import ValidateAnswer, ValidateRequest
from metagraph.accounts import PAGE_FIELDS
from metagraph.errors import NotSent
from metagraph.graph import ME, GraphClient

SUBSCRIBED = (
    "messages",
    "messaging_postbacks",
    "messaging_optins",
    "messaging_referrals",
    "message_deliveries",
    "message_reads",
    "message_reactions",
    "message_echoes",
    "message_edits",
    "messaging_account_linking",
    "messaging_handovers",
    "standby",
)
"""Fields of the page whose webhooks are read."""


class MessengerConnect(Connect):
    """`app_token`: of the app, to ask about other tokens; None: a token is asked about itself."""

    def __init__(self, graph: GraphClient, app_token: str | None) -> None:
        self._graph = graph
        self._app_token = app_token

    @override
    async def __call__(self, ask: ValidateRequest, token: str) -> Connected:
        page, expires_at = await asyncio.gather(
            self._graph.account(ME, PAGE_FIELDS, token),
            expiry(self._graph, token, self._app_token),
        )
        if str(page.get("id")) != ask.account:
            raise Unfit("The token is of another page, or of a person.", "account")
        await self._graph.subscribe_app(ask.account, token, SUBSCRIBED)
        return Connected(
            ValidateAnswer(
                name=page.get("name"),
                token_expires_at=expires_at,
                health=AccountHealth(state="active"),
            )
        )


async def expiry(graph: GraphClient, token: str, app_token: str | None) -> datetime | None:
    """When a page's token ends. None: never, or it may not be asked about."""
    try:
        info = await graph.token_info(token, app_token)
    except NotSent:
        return None
    return datetime.fromtimestamp(info.expires_at, UTC) if info.expires_at else None
