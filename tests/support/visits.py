"""Channels and visitors for a test: a widget connected the way anybody does, and who uses it.

    shop = await visits.channel(title="Lamps")
    visitor = await visits.visitor(shop)
    message = await visits.world.appears("Hello")

Made by tests/browser/conftest.py.
"""

import asyncio
import secrets
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import orjson
from playwright.async_api import Browser

from support.outside import Outside
from support.site import Look, Site
from support.visitor import Visitor
from support.wire_cutter import wire_to

GATEWAY = "widget-gateway"
LOADER = "/widget/v1/loader.js"
NOT_FOUND = 404
DESK: dict[str, Any] = {"viewport": {"width": 1024, "height": 720}}


@dataclass(frozen=True)
class Channel:
    """A connected widget. `account` is the word in the page, `secret` proves identities."""

    id: str
    account: str
    secret: str


@dataclass(frozen=True)
class Answer:
    """Of the gateway. `code`: of a problem, None when it is none."""

    status: int
    body: Any

    @property
    def code(self) -> str | None:
        found: str | None = self.body.get("code")
        return found


@dataclass(eq=False)
class Visits:
    """What a test is given. `world`: the team's side of the same stack."""

    browser: Browser
    site: Site
    world: Outside
    leaving: AsyncExitStack
    visitors: list[Visitor] = field(default_factory=list)

    @property
    def gateway(self) -> str:
        """Its address, past every wire."""
        return self.world.stack.services[GATEWAY].url

    def thread_path(self, conversation: str) -> str:
        """Where REST has it."""
        return f"/v1/workspaces/{self.world.stack.workspace_id}/conversations/{conversation}"

    async def channel(self, *origins: str, **config: str) -> Channel:
        """A new one, which the site may use; or these origins instead."""
        account, secret = f"shop-{secrets.token_hex(6)}", secrets.token_hex(32)
        body = {
            "type": "widget",
            "account": account,
            "name": "A shop",
            "secret": secret,
            "config": {"origins": " ".join(origins or (self.site.origin,)), **config},
        }
        workspace = self.world.stack.workspace_id
        made = await self.world.inbox.ask("POST", f"/v1/workspaces/{workspace}/channels", body)
        channel = Channel(made["id"], account, secret)

        async def known() -> bool:
            return (await self.ask_gateway("GET", channel, "look")).status != NOT_FOUND

        await self.world.until(known)
        return channel

    async def conversation(self, conversation: str) -> dict[str, Any]:
        """By REST, with where it came from."""
        return await self.world.inbox.ask("GET", self.thread_path(conversation))

    async def close(self, conversation: str) -> None:
        """The team is through with it."""
        path = f"{self.thread_path(conversation)}/transitions"
        await self.world.inbox.ask("POST", path, {"to": "closed"})

    async def block(self, contact: str, method: str = "PUT") -> None:
        """The team will not hear this person any more."""
        workspace = self.world.stack.workspace_id
        await self.world.inbox.ask(method, f"/v1/workspaces/{workspace}/contacts/{contact}/block")

    async def unblock(self, contact: str) -> None:
        await self.block(contact, "DELETE")

    async def visitor(
        self, channel: Channel, *, site: Site | None = None, browser: Any = None, **look: str
    ) -> Visitor:
        """Somebody new. `look`: of the pages they visit; `browser`: what else their profile has."""
        wire = await self.leaving.enter_async_context(wire_to(self.gateway))
        context = await self.browser.new_context(**{**DESK, "locale": "en-GB", **(browser or {})})
        page = replace(Look(f"{wire.origin}{LOADER}", channel.account), **look)
        visitor = Visitor(context, wire, site or self.site, page)
        await visitor.begin()
        self.visitors.append(visitor)
        self.leaving.push_async_callback(visitor.leave)
        return visitor

    async def ask_session(
        self, channel: Channel, body: dict[str, Any], origin: str | None = None
    ) -> Answer:
        """Ask the gateway for a session, as a page of this origin does; the site's by default."""
        return await self.ask_gateway("POST", channel, "sessions", body, origin=origin)

    async def ask_gateway(
        self,
        method: str,
        channel: Channel,
        path: str,
        body: Any = None,
        *,
        token: str | None = None,
        origin: str | None = None,
    ) -> Answer:
        """Past any browser: what somebody can send who is none."""
        headers = {"Origin": origin or self.site.origin}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        url = f"{self.gateway}/widget/v1/{channel.account}/{path}"
        async with self.world.session.request(method, url, json=body, headers=headers) as answer:
            raw = await answer.read()
            return Answer(answer.status, orjson.loads(raw) if raw else {})

    def forget(self) -> None:
        """Those who left: a long run has many."""
        self.visitors = [one for one in self.visitors if one.open_tabs]

    async def keep(self, folder: Path) -> None:
        """Leave there what every visitor saw."""
        for number, visitor in enumerate(self.visitors, 1):
            into = folder / f"visitor-{number}"
            await asyncio.to_thread(into.mkdir, parents=True, exist_ok=True)
            await visitor.keep(into)
