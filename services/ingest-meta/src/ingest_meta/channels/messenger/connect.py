"""Connect: what makes a Facebook page connected. Given to adapter.roles by main().

The token is the page's own, and the app gets the page's webhooks.
"""

import asyncio

from typing_extensions import override

from adapter.tokens import ask_about, ends_at, own_app
from adapter.validation import Connect, Connected, Unfit
from contracts.events import AccountHealth
from contracts.rpc import ValidateAnswer, ValidateRequest
from metagraph.accounts import PAGE_FIELDS
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
        page, info = await asyncio.gather(
            self._graph.account(ME, PAGE_FIELDS, token),
            ask_about(self._graph, token, self._app_token),
        )
        if str(page.get("id")) != ask.account:
            raise Unfit("The token is of another page, or of a person.", "account")
        await self._graph.subscribe_app(ask.account, token, SUBSCRIBED)
        return Connected(
            ValidateAnswer(
                name=page.get("name"),
                config=own_app(info),
                token_expires_at=ends_at(info),
                health=AccountHealth(state="active"),
            )
        )
