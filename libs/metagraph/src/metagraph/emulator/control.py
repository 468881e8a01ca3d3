"""The emulator's control API under `/_emulator/`: what a person, a test or the demo asks of it.

JSON in, JSON out. It can sign any webhook, so a web page must not reach it through a developer's
browser: requests that name an Origin are refused.
"""

import base64
from typing import TypeVar

import aiohttp
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ValidationError

from metagraph.emulator.accounts import Account
from metagraph.emulator.answers import json
from metagraph.emulator.asks import Faults, HandshakeAsk, PersonAsk, RawQuery, Route, Upload
from metagraph.emulator.inbound import InboundRequest
from metagraph.emulator.ledger import PAGE, as_json
from metagraph.emulator.script import ScriptFull
from metagraph.emulator.settings import EchoPlan, StatusPlan
from metagraph.emulator.webhooks import Full, Unrouted
from metagraph.emulator.world import World
from metagraph.signature import HEADER

PREFIX = "/_emulator"

M = TypeVar("M", bound=BaseModel)


class Control:
    """Handlers of the control API."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """What stands under PREFIX."""
        return [
            web.get(PREFIX + "/health", self.health),
            web.get(PREFIX + "/stats", self.stats),
            web.get(PREFIX + "/ledger", self.ledger),
            web.post(PREFIX + "/inbound", self.inbound),
            web.post(PREFIX + "/raw", self.raw),
            web.post(PREFIX + "/script", self.script),
            web.delete(PREFIX + "/script", self.clear_script),
            web.post(PREFIX + "/statuses", self.statuses),
            web.post(PREFIX + "/echoes", self.echoes),
            web.post(PREFIX + "/webhooks", self.route),
            web.post(PREFIX + "/handshake", self.handshake),
            web.post(PREFIX + "/accounts", self.account),
            web.get(PREFIX + "/accounts", self.accounts),
            web.post(PREFIX + "/people", self.person),
            web.post(PREFIX + "/media", self.media),
            web.delete(PREFIX + "/media/{id}", self.purge),
            web.post(PREFIX + "/reset", self.reset),
        ]

    async def health(self, _: web.Request) -> web.Response:
        """It answers, so it is up."""
        return json(200, {"status": "ok"})

    async def stats(self, _: web.Request) -> web.Response:
        """Counts of everything."""
        world = self._world
        return json(
            200,
            {
                "ledger": world.ledger.summary(),
                "webhooks": world.webhooks.summary(),
                "script": {"pending": world.script.pending()},
            },
        )

    async def ledger(self, request: web.Request) -> web.Response:
        """Accepted sends past number `after`, at most PAGE."""
        after = request.query.get("after", "0")
        if not after.isdecimal():
            raise web.HTTPBadRequest(text="after is a number")
        entries = [as_json(entry) for entry in self._world.ledger.after(int(after))]
        return json(200, {"entries": entries, "more": len(entries) == PAGE})

    async def inbound(self, request: web.Request) -> web.Response:
        """People write: an InboundRequest."""
        return json(200, await self._world.inbound.send(await _read(request, InboundRequest)))

    async def raw(self, request: web.Request) -> web.Response:
        """Post the body's very bytes once, and say what was answered."""
        query = RawQuery.model_validate(dict(request.query))
        body, webhooks = await request.read(), self._world.webhooks
        headers = webhooks.signed(body) if query.signature != "none" else {}
        if query.signature == "wrong":
            headers[HEADER] = f"sha256={'0' * 64}"
        status, text = await webhooks.post(query.object, body, headers)
        return json(200, {"status": status, "text": text})

    async def script(self, request: web.Request) -> web.Response:
        """Queue faults."""
        self._world.script.add((await _read(request, Faults)).faults)
        return json(200, {"pending": self._world.script.pending()})

    async def clear_script(self, _: web.Request) -> web.Response:
        """Drop the faults that have not happened."""
        self._world.script.clear()
        return json(200, {"pending": 0})

    async def statuses(self, request: web.Request) -> web.Response:
        """Change the status plan: a StatusPlan."""
        self._world.statuses.plan = plan = await _read(request, StatusPlan)
        return json(200, plan.model_dump())

    async def echoes(self, request: web.Request) -> web.Response:
        """Change how pages hear of their own messages: an EchoPlan."""
        self._world.page_reports.plan = plan = await _read(request, EchoPlan)
        return json(200, plan.model_dump())

    async def route(self, request: web.Request) -> web.Response:
        """Change where webhooks go."""
        ask = await _read(request, Route)
        self._world.webhooks.route(ask.object, ask.url)
        return json(200, {"object": ask.object, "url": ask.url})

    async def handshake(self, request: web.Request) -> web.Response:
        """Verify a callback URL; `verified` when it echoed the challenge and nothing else."""
        ask = await _read(request, HandshakeAsk)
        webhooks = self._world.webhooks
        status, text = await webhooks.verify(ask.object, ask.verify_token, ask.challenge)
        verified = status == 200 and text == ask.challenge  # noqa: PLR2004
        return json(200, {"verified": verified, "status": status})

    async def account(self, request: web.Request) -> web.Response:
        """Register an account of a business: an Account."""
        account = await _read(request, Account)
        self._world.accounts.put(account)
        return json(200, {"object": account.object, "id": account.id})

    async def accounts(self, _: web.Request) -> web.Response:
        """Which accounts subscribed to webhooks, and to which fields of theirs."""
        return json(200, {"subscribed": self._world.accounts.subscribed})

    async def person(self, request: web.Request) -> web.Response:
        """Introduce somebody: a PersonAsk."""
        ask = await _read(request, PersonAsk)
        self._world.people.introduce(ask.person())
        return json(200, {"id": ask.id})

    async def media(self, request: web.Request) -> web.Response:
        """Keep a file; answers the fields a webhook's `image` or `document` has."""
        ask = await _read(request, Upload)
        content = base64.b64decode(ask.content, validate=True)
        file = self._world.files.put(content, ask.mime_type, ask.name)
        about = {"id": file.id, "mime_type": file.mime_type, "sha256": file.sha256_base64}
        return json(200, about)

    async def purge(self, request: web.Request) -> web.Response:
        """Drop a file, as Meta does one day; `purged` when it was there."""
        return json(200, {"purged": self._world.files.purge(request.match_info["id"])})

    async def reset(self, _: web.Request) -> web.Response:
        """Forget everything but the URLs and the plans."""
        self._world.forget()
        return json(200, {"status": "ok"})


async def _read(request: web.Request, model: type[M]) -> M:
    return model.model_validate_json(await request.read())


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The rim of the control API: no browsers, and every error as `{"error": …}`."""
    if not request.path.startswith(PREFIX):
        return await handler(request)
    if hdrs.ORIGIN in request.headers:
        return json(403, {"error": "not from a web page"})
    try:
        return await handler(request)
    except ValidationError as error:
        return json(400, {"error": str(error)})
    except Unrouted as error:
        return json(409, {"error": str(error)})
    except (Full, ScriptFull) as error:
        return json(503, {"error": str(error)})
    except (aiohttp.ClientError, TimeoutError) as error:
        return json(502, {"error": f"the webhook URL did not answer: {type(error).__name__}"})
    except ValueError as error:
        return json(400, {"error": str(error)})
