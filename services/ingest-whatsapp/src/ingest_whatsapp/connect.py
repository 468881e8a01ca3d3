"""Connect: what makes a WhatsApp number connected. Given to adapter.roles by main().

The number answers to the token, and the app gets the webhooks of the business account (WABA) above
it. Which one that is the token itself says, where it was granted for one; else a person fills it
in (config `waba_id`).
"""

import asyncio
from typing import Any

from typing_extensions import override

from adapter.fields import mapping
from adapter.tokens import ask_about, ends_at, own_app
from adapter.validation import Connect, Connected, Unfit
from contracts.events import AccountHealth
from contracts.rpc import ValidateAnswer, ValidateRequest
from metagraph.accounts import NUMBER_FIELDS
from metagraph.graph import GraphClient, TokenInfo

WABA_ID = "waba_id"
SENDING = "whatsapp_business_messaging"
MANAGING = "whatsapp_business_management"


class WhatsAppConnect(Connect):
    """`app_token`: of the app, to ask about other tokens; None: a token is asked about itself."""

    def __init__(self, graph: GraphClient, app_token: str | None) -> None:
        self._graph = graph
        self._app_token = app_token

    @override
    async def __call__(self, ask: ValidateRequest, token: str) -> Connected:
        number, info = await asyncio.gather(
            self._graph.account(ask.account, NUMBER_FIELDS, token),
            ask_about(self._graph, token, self._app_token),
        )
        if info is not None and info.scopes and SENDING not in info.scopes:
            raise Unfit(f"The token may not send messages: it lacks {SENDING}.", "secret", "auth")
        waba = ask.config.get(WABA_ID) or _granted(info)
        if not waba:
            raise Unfit("Fill in the id of the WhatsApp business account.", "config")
        await self._graph.subscribe_app(waba, token)
        return Connected(
            ValidateAnswer(
                name=number.get("verified_name") or number.get("display_phone_number"),
                parent=f"waba:{waba}",
                config={WABA_ID: waba, **own_app(info), **_shown(number)},
                token_expires_at=ends_at(info),
                health=_health(number),
            )
        )


def _granted(info: TokenInfo | None) -> str | None:
    """The one business account the token was granted for; None: all, or several."""
    targets = {target for scope in (MANAGING, SENDING) for target in _targets(info, scope)}
    return targets.pop() if len(targets) == 1 else None


def _targets(info: TokenInfo | None, scope: str) -> tuple[str, ...]:
    return info.targets.get(scope, ()) if info else ()


def _shown(number: dict[str, Any]) -> dict[str, str]:
    phone = number.get("display_phone_number")
    return {"display_phone_number": phone} if isinstance(phone, str) else {}


def _health(number: dict[str, Any]) -> AccountHealth:
    quality = number.get("quality_rating")
    level = mapping(number.get("throughput")).get("level")
    return AccountHealth(
        state="active",
        quality=quality if isinstance(quality, str) else None,
        throughput=level if isinstance(level, str) else None,
    )
