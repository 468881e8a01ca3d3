"""The emulator's control API under `/_emulator/`: what a person, a test or the demo asks of it.

JSON in, JSON out. It can sign any webhook, so a web page must not reach it through a developer's
browser: requests that name an Origin are refused.
"""

import base64
from typing import Literal, TypeVar

import aiohttp
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from metagraph.emulator import bodies
from metagraph.emulator.answers import json
from metagraph.emulator.inbound import Inbound, InboundRequest
from metagraph.emulator.ledger import PAGE, Ledger, as_json
from metagraph.emulator.media import Files
from metagraph.emulator.script import Fault, Script, ScriptFull
from metagraph.emulator.settings import StatusPlan
from metagraph.emulator.statuses import Statuses
from metagraph.emulator.webhooks import Full, Unrouted, Webhooks
from metagraph.signature import HEADER

PREFIX = "/_emulator"

M = TypeVar("M", bound=BaseModel)


class _Ask(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Faults(_Ask):
    """`POST script`."""

    faults: tuple[Fault, ...] = Field(min_length=1)


class Route(_Ask):
    """`POST webhooks`: send this object's webhooks to `url` from now on."""

    object: str = bodies.WHATSAPP
    url: str


class HandshakeAsk(_Ask):
    """`POST handshake`: verify the callback URL of an object, as the App Dashboard does."""

    object: str = bodies.WHATSAPP
    verify_token: str
    challenge: str = "1158201444"


class Upload(_Ask):
    """`POST media`: a file people may send; `content` is base64."""

    mime_type: str
    content: str


class RawQuery(_Ask):
    """`POST raw?…`: how the bytes of the body are sent."""

    object: str = bodies.WHATSAPP
    signature: Literal["valid", "none", "wrong"] = "valid"


class Control:
    """Handlers of the control API."""

    def __init__(
        self,
        ledger: Ledger,
        script: Script,
        webhooks: Webhooks,
        statuses: Statuses,
        inbound: Inbound,
        files: Files,
    ) -> None:
        self._ledger = ledger
        self._script = script
        self._webhooks = webhooks
        self._statuses = statuses
        self._inbound = inbound
        self._files = files

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
            web.post(PREFIX + "/webhooks", self.route),
            web.post(PREFIX + "/handshake", self.handshake),
            web.post(PREFIX + "/media", self.media),
            web.post(PREFIX + "/reset", self.reset),
        ]

    async def health(self, _: web.Request) -> web.Response:
        """It answers, so it is up."""
        return json(200, {"status": "ok"})

    async def stats(self, _: web.Request) -> web.Response:
        """Counts of everything."""
        return json(
            200,
            {
                "ledger": self._ledger.summary(),
                "webhooks": self._webhooks.summary(),
                "script": {"pending": self._script.pending()},
            },
        )

    async def ledger(self, request: web.Request) -> web.Response:
        """Accepted sends past number `after`, at most PAGE."""
        after = request.query.get("after", "0")
        if not after.isdecimal():
            raise web.HTTPBadRequest(text="after is a number")
        entries = [as_json(entry) for entry in self._ledger.after(int(after))]
        return json(200, {"entries": entries, "more": len(entries) == PAGE})

    async def inbound(self, request: web.Request) -> web.Response:
        """People write: an InboundRequest."""
        return json(200, await self._inbound.send(await _read(request, InboundRequest)))

    async def raw(self, request: web.Request) -> web.Response:
        """Post the body's very bytes once, and say what was answered."""
        query = RawQuery.model_validate(dict(request.query))
        body = await request.read()
        headers = self._webhooks.signed(body) if query.signature != "none" else {}
        if query.signature == "wrong":
            headers[HEADER] = f"sha256={'0' * 64}"
        status, text = await self._webhooks.post(query.object, body, headers)
        return json(200, {"status": status, "text": text})

    async def script(self, request: web.Request) -> web.Response:
        """Queue faults."""
        self._script.add((await _read(request, Faults)).faults)
        return json(200, {"pending": self._script.pending()})

    async def clear_script(self, _: web.Request) -> web.Response:
        """Drop the faults that have not happened."""
        self._script.clear()
        return json(200, {"pending": 0})

    async def statuses(self, request: web.Request) -> web.Response:
        """Change the status plan: a StatusPlan."""
        self._statuses.plan = await _read(request, StatusPlan)
        return json(200, self._statuses.plan.model_dump())

    async def route(self, request: web.Request) -> web.Response:
        """Change where webhooks go."""
        ask = await _read(request, Route)
        self._webhooks.route(ask.object, ask.url)
        return json(200, {"object": ask.object, "url": ask.url})

    async def handshake(self, request: web.Request) -> web.Response:
        """Verify a callback URL; `verified` when it echoed the challenge and nothing else."""
        ask = await _read(request, HandshakeAsk)
        status, text = await self._webhooks.verify(ask.object, ask.verify_token, ask.challenge)
        verified = status == 200 and text == ask.challenge  # noqa: PLR2004
        return json(200, {"verified": verified, "status": status})

    async def media(self, request: web.Request) -> web.Response:
        """Keep a file; answers the fields a webhook's `image` or `document` has."""
        ask = await _read(request, Upload)
        file = self._files.put(base64.b64decode(ask.content, validate=True), ask.mime_type)
        return json(200, {"id": file.id, "mime_type": file.mime_type, "sha256": file.sha256})

    async def reset(self, _: web.Request) -> web.Response:
        """Forget everything but the URLs and the status plan."""
        self._inbound.stop()
        self._script.clear()
        self._webhooks.forget()
        self._ledger.clear()
        self._files.clear()
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
