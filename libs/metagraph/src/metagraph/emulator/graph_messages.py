"""The side of the emulator that speaks Graph: messages, media, subscriptions, profiles.

A send goes: bearer, form, script, ledger, statuses, answer. The ledger is written before the
answer, so a call that loses its answer has still been accepted, as it would be at Meta.
"""

import asyncio
from typing import assert_never

import orjson
from aiohttp import hdrs, web

from metagraph.emulator import answers, ids, sends
from metagraph.emulator.ledger import Ledger
from metagraph.emulator.media import Files
from metagraph.emulator.script import (
    AcceptThenHang,
    AcceptThenReset,
    Delay,
    Error,
    FailLater,
    Fault,
    Http,
    Reset,
    Script,
)
from metagraph.emulator.sends import Refused, Send
from metagraph.emulator.statuses import Statuses

_VERSION = r"/{version:v\d+\.\d+}"
_PROFILE = {
    "display_phone_number": "15550000000",
    "verified_name": "Emulated",
    "quality_rating": "GREEN",
    "name": "Emulated Person",
    "first_name": "Emulated",
    "last_name": "Person",
    "username": "emulated",
}


class GraphApi:
    """Answers as graph.facebook.com does, as far as Sluice asks."""

    def __init__(self, ledger: Ledger, script: Script, statuses: Statuses, files: Files) -> None:
        self._ledger = ledger
        self._script = script
        self._statuses = statuses
        self._files = files

    def routes(self) -> list[web.RouteDef]:
        """What stands at Graph's paths."""
        return [
            web.post(_VERSION + "/{id}/messages", self.messages),
            web.post(_VERSION + "/{id}/subscribed_apps", self.subscribe),
            web.get(_VERSION + "/{id}", self.node),
            web.get("/_media/{id}", self.media),
        ]

    async def messages(self, request: web.Request) -> web.StreamResponse:
        """Send a message, or mark one read."""
        if not _bearer(request):
            return _no_token()
        try:
            send = sends.read(request.match_info["id"], orjson.loads(await request.read()))
        except orjson.JSONDecodeError:
            return answers.error(100, "The body is not JSON.")
        except Refused as refused:
            return answers.error(refused.code, refused.details)
        fault = self._script.take(send.call)
        return self._accept(send) if fault is None else await self._befall(request, send, fault)

    async def subscribe(self, request: web.Request) -> web.StreamResponse:
        """Subscribe the app to a business account."""
        return answers.json(200, {"success": True}) if _bearer(request) else _no_token()

    async def node(self, request: web.Request) -> web.StreamResponse:
        """A media id's link, or the fields of a profile."""
        if not _bearer(request):
            return _no_token()
        number = request.match_info["id"]
        file = self._files.get(number)
        if file is not None:
            about = {
                "messaging_product": "whatsapp",
                "url": str(request.url.origin() / "_media" / file.id),
                "mime_type": file.mime_type,
                "sha256": file.sha256,
                "file_size": len(file.content),
                "id": file.id,
            }
            return answers.json(200, about)
        fields = request.query.get("fields", "")
        if not fields:
            return answers.error(100, f"Object with ID '{number}' does not exist.", subcode=33)
        known = {name: _PROFILE[name] for name in fields.split(",") if name in _PROFILE}
        return answers.json(200, known | {"id": number})

    async def media(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a file; like Meta, unknown and unauthorized look alike."""
        file = self._files.get(request.match_info["id"]) if _bearer(request) else None
        if file is None:
            return web.Response(status=404, text="not found")
        return web.Response(body=file.content, headers={hdrs.CONTENT_TYPE: file.mime_type})

    def _accept(self, send: Send, failed: int | None = None) -> web.Response:
        call = send.call
        if send.is_receipt:
            wamid = str(send.body["message_id"])
            self._ledger.add("receipt", wamid, call.phone_number_id, call.to, send.body)
            return answers.json(200, {"success": True})
        wamid = ids.outbound_wamid(call.to)
        entry = self._ledger.add("message", wamid, call.phone_number_id, call.to, send.body)
        self._statuses.report(entry, failed)
        return answers.accepted(send.input, call.to, wamid)

    async def _befall(self, request: web.Request, send: Send, fault: Fault) -> web.StreamResponse:
        match fault:
            case Error():
                return answers.error(
                    fault.code,
                    "Scripted by the emulator.",
                    subcode=fault.subcode,
                    message=fault.message,
                    status=fault.status,
                )
            case Http():
                headers = {hdrs.CONTENT_TYPE: "text/html"} | fault.headers
                return web.Response(status=fault.status, text=fault.body, headers=headers)
            case Delay():
                await asyncio.sleep(fault.seconds)
                return self._accept(send)
            case FailLater():
                return self._accept(send, fault.code)
            case AcceptThenHang():
                answer = self._accept(send)
                await asyncio.sleep(fault.seconds)
                return _cut(request, answer)
            case AcceptThenReset():
                return _cut(request, self._accept(send))
            case Reset():
                return _cut(request, web.Response())
            case _:
                assert_never(fault)


def _bearer(request: web.Request) -> bool:
    """Only the header counts: a token in the query would end in somebody's log."""
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    return scheme == "Bearer" and bool(token.strip())


def _no_token() -> web.Response:
    return answers.error(190, "An access token is required in the Authorization header.")


def _cut(request: web.Request, answer: web.Response) -> web.Response:
    """Close the connection under the answer, so that it never leaves."""
    if request.transport is not None:
        request.transport.abort()
    return answer
