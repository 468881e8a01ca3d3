"""Things that are asked about, on the side of the emulator that speaks Graph.

`GET /{id}` is a media link, an account or a person, whichever the id is of. Tokens and
subscriptions stand here too.
"""

from typing import Any

import orjson
from aiohttp import web

from metagraph.emulator import answers
from metagraph.emulator.accounts import ME, NOBODY, NUMBER, SIXTY_DAYS_S, Account
from metagraph.emulator.faults import Accept, befall
from metagraph.emulator.graph_messages import VERSION
from metagraph.emulator.media import File
from metagraph.emulator.names import INSTAGRAM, PAGE, WHATSAPP
from metagraph.emulator.people import NO_PROFILE, Person
from metagraph.emulator.script import Call
from metagraph.emulator.world import World


class GraphNodes:
    """Answers questions as Graph does."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """What stands at Graph's paths; the fixed names before `{id}`."""
        return [
            web.get(VERSION + "/debug_token", self.debug_token),
            web.get("/refresh_access_token", self.refresh),
            web.post(VERSION + "/{id}/subscribed_apps", self.subscribe),
            web.get(VERSION + "/{id}", self.node),
        ]

    async def node(self, request: web.Request) -> web.StreamResponse:
        """A media id's link, or the fields of an account or a person."""
        token, number = answers.bearer(request), request.match_info["id"]
        if not token:
            return answers.no_token()
        fields = [one for one in request.query.get("fields", "").split(",") if one]
        file, account = self._world.files.get(number), self._account(number, token)
        if account is not None and not fields:
            fields = ["id", "name"]
        if file is not None or not fields:
            return await self._meet(request, "media", self._link(request, file))
        if account is not None:
            return await self._meet(request, "account", _shown(account.shown(), fields))
        person = self._world.people.get(number)
        if person is None and set(fields) & set(NUMBER):
            return await self._meet(request, "account", _shown(NUMBER | {"id": number}, fields))
        return await self._meet(request, "profile", self._profile(request, person, fields))

    async def debug_token(self, request: web.Request) -> web.StreamResponse:
        """What a token is good for."""
        if not answers.bearer(request):
            return answers.no_token()
        about = self._world.accounts.about_token(request.query.get("input_token", ""))
        return await self._meet(request, "token", _json({"data": about}))

    async def refresh(self, request: web.Request) -> web.StreamResponse:
        """A new token for an Instagram login's; the old one may come in header or query."""
        token = answers.bearer(request) or request.query.get("access_token", "")
        if not token:
            return answers.no_token()
        if request.query.get("grant_type") != "ig_refresh_token":
            return answers.error(100, "The parameter grant_type is required.")

        async def accept(_: int | None) -> web.Response:
            new = self._world.accounts.renew(token)
            body = {"access_token": new, "token_type": "bearer", "expires_in": SIXTY_DAYS_S}
            return answers.json(200, body)

        return await self._meet(request, "refresh", accept)

    async def subscribe(self, request: web.Request) -> web.StreamResponse:
        """Subscribe the app to an account's webhooks."""
        token = answers.bearer(request)
        if not token:
            return answers.no_token()
        node, fields = request.match_info["id"], request.query.get("subscribed_fields")
        if fields is None and request.can_read_body:
            given = orjson.loads(await request.read() or b"{}")
            fields = given.get("subscribed_fields") if isinstance(given, dict) else None
        account = self._account(node, token)

        async def accept(_: int | None) -> web.Response:
            self._world.accounts.subscribe(account.id if account else node, str(fields or ""))
            return answers.done()

        return await self._meet(request, "subscribe", accept)

    def _account(self, number: str, token: str) -> Account | None:
        """The account of an id; `me` is somebody even when nobody is registered."""
        accounts = self._world.accounts
        if number != ME:
            return accounts.get(number)
        return accounts.me(token, PAGE, INSTAGRAM, WHATSAPP) or Account(object=PAGE, id=NOBODY)

    def _link(self, request: web.Request, file: File | None) -> Accept:
        async def accept(_: int | None) -> web.Response:
            if file is None:
                return answers.no_object(request.match_info["id"])
            about = {
                "messaging_product": "whatsapp",
                "url": str(self._world.links.url(request.url.origin(), file.id)),
                "mime_type": file.mime_type,
                "sha256": file.sha256,
                "file_size": len(file.content),
                "id": file.id,
            }
            return answers.json(200, about)

        return accept

    def _profile(self, request: web.Request, person: Person | None, fields: list[str]) -> Accept:
        async def accept(_: int | None) -> web.Response:
            if person is not None and person.consent:
                return answers.json(200, person.shown(fields, request.url.origin()))
            code, subcode = person.refusal if person is not None else NO_PROFILE
            details = "No profile available for this user."
            if subcode is None:
                details = "User consent is required to access user profile."
            return answers.error(code, details, subcode=subcode)

        return accept

    async def _meet(self, request: web.Request, kind: str, accept: Accept) -> web.StreamResponse:
        number = request.match_info.get("id", "")
        asked = request.query.get("phone_number_id", number)
        fault = self._world.script.take(Call(asked, number, kind, None, shy=True))
        return await befall(request, fault, accept)


def _shown(known: dict[str, Any], fields: list[str]) -> Accept:
    return _json({name: known[name] for name in fields if name in known} | {"id": known["id"]})


def _json(body: dict[str, Any]) -> Accept:
    async def accept(_: int | None) -> web.Response:
        return answers.json(200, body)

    return accept
