"""Sending, on the side of the emulator that speaks Graph: `POST /{account or me}/messages`.

A send goes: bearer, form, script, ledger, what follows, answer. The ledger is written before the
answer, so a call that loses its answer has still been accepted, as it would be at Meta.
"""

from typing import Any

import orjson
from aiohttp import web

from metagraph.emulator import answers, ids, page_sends, sends
from metagraph.emulator.accounts import ME, NOBODY
from metagraph.emulator.faults import befall
from metagraph.emulator.limits import Refused
from metagraph.emulator.names import INSTAGRAM, PAGE, WHATSAPP, Platform
from metagraph.emulator.page_sends import PageSend
from metagraph.emulator.sends import Send
from metagraph.emulator.world import World

VERSION = r"/{version:v\d+\.\d+}"


class GraphMessages:
    """Takes messages as Graph does, for all three platforms."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """What stands at Graph's paths."""
        return [web.post(VERSION + "/{id}/messages", self.messages)]

    async def messages(self, request: web.Request) -> web.StreamResponse:
        """Send a message, mark one read, show typing, react."""
        token, node = answers.bearer(request), request.match_info["id"]
        if not token:
            return answers.no_token()
        try:
            body = orjson.loads(await request.read())
            if _is_pages(node, body):
                return await self._for_page(request, token, body)
            return await self._for_whatsapp(request, sends.read(node, body))
        except orjson.JSONDecodeError:
            return answers.error(100, "The body is not JSON.")
        except Refused as refused:
            return answers.error(refused.code, refused.details, subcode=refused.subcode)

    async def _for_whatsapp(self, request: web.Request, send: Send) -> web.StreamResponse:
        async def accept(failed: int | None) -> web.Response:
            return self._accept(send, failed)

        return await befall(request, self._world.script.take(send.call), accept)

    def _accept(self, send: Send, failed: int | None) -> web.Response:
        call, ledger = send.call, self._world.ledger
        about = sends.about(send, self._world.files)
        if send.is_receipt:
            wamid = str(send.body["message_id"])
            ledger.add("receipt", wamid, call.phone_number_id, call.to, send.body, about=about)
            return answers.done()
        wamid = ids.outbound_wamid(call.to)
        entry = ledger.add("message", wamid, call.phone_number_id, call.to, send.body, about=about)
        self._world.statuses.report(entry, failed)
        return answers.accepted(send.input, call.to, wamid)

    async def _for_page(self, request: web.Request, token: str, body: Any) -> web.StreamResponse:
        platform, account = self._where(request.match_info["id"], token, body)
        send = page_sends.read(platform, account, body, self._world.files)

        async def accept(failed: int | None) -> web.Response:
            return await self._accept_page(request, send, silent=failed is not None)

        return await befall(request, self._world.script.take(send.call), accept)

    async def _accept_page(
        self, request: web.Request, send: PageSend, *, silent: bool
    ) -> web.Response:
        call, ledger = send.call, self._world.ledger
        about = page_sends.about(send, self._world.files)
        answer = {"recipient_id": call.to}
        if send.action is not None:
            mid = str((send.body.get("payload") or {}).get("message_id", ""))
            ledger.add(
                "action", mid, call.phone_number_id, call.to, send.body,
                platform=send.platform, about=about,
            )  # fmt: skip
            return answers.json(200, answer)
        mid = ids.mid(send.platform)
        entry = ledger.add(
            "message", mid, call.phone_number_id, call.to, send.body,
            platform=send.platform, about=about,
        )  # fmt: skip
        await self._world.page_reports.report(entry, send, request.url.origin(), silent=silent)
        return answers.json(200, answer | {"message_id": mid})

    def _where(self, node: str, token: str, body: Any) -> tuple[Platform, str]:
        """Platform and account: where the person wrote, else whom the path or token names.

        The person comes first because a page's token speaks for its Instagram account too.
        """
        person = self._world.people.get(page_sends.recipient(body))
        if person is not None and person.home is not None and person.home[0] != WHATSAPP:
            return person.home
        accounts = self._world.accounts
        account = accounts.me(token, PAGE, INSTAGRAM) if node == ME else accounts.get(node)
        if account is not None and account.object != WHATSAPP:
            return account.object, account.id
        return PAGE, NOBODY if node == ME else node


def _is_pages(node: str, body: Any) -> bool:
    """WhatsApp's sends name their product; a page's recipient is an object."""
    if not isinstance(body, dict) or "messaging_product" in body:
        return False
    return node == ME or isinstance(body.get("recipient"), dict)
