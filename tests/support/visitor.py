"""A visitor of a site in a real browser: a profile of their own, a wire of their own, some tabs.

    visitor = await visits.visitor(channel)
    tab = await visitor.tab()
    await visitor.goes_offline()

Used by the browser tests. What the pages complained of is kept: a story ends with
`assert await visitor.complaints() == []`.
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from playwright.async_api import (
    BrowserContext,
    ConsoleMessage,
    Dialog,
    Error,
    Page,
    Request,
    WebSocket,
)
from playwright.async_api import TimeoutError as TooLate

from support.site import Look, Site
from support.tab import WITHIN_MS, WITHIN_S, Tab
from support.wire_cutter import Wire

LOADS_WITHIN_MS = 8_000
WATCH_POLICY = """
window.brokenPolicy = [];
document.addEventListener('securitypolicyviolation', event =>
    window.brokenPolicy.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
NETWORK_WORDS = ("Failed to load resource", "WebSocket connection to", "net::ERR_")
"""The browser's own words about a network that is away; no fault of a page."""


@dataclass(eq=False)
class Visitor:
    """One profile. `told`: the console, `asked`: the requests that went out, in short."""

    context: BrowserContext
    wire: Wire
    site: Site
    look: Look
    tabs: list[Tab] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    sockets: list[str] = field(default_factory=list)

    @property
    def open_tabs(self) -> list[Tab]:
        return [tab for tab in self.tabs if not tab.page.is_closed()]

    async def has_one_socket(self) -> bool:
        """Open now, over all tabs."""
        return self.wire.sockets == 1

    async def begin(self) -> None:
        """Listen before the first page is there."""
        await self.context.add_init_script(WATCH_POLICY)
        self.context.on("console", self._heard)
        self.context.on("weberror", lambda error: self.faults.append(f"thrown: {error.error}"))
        self.context.on("page", self._watch)
        self.context.on("requestfailed", self._failed)

    async def tab(self, *, opened: bool = True) -> Tab:
        """A new one, on the page with the snippet; with the panel open, unless asked not to."""
        tab = Tab(await self.context.new_page())
        self.tabs.append(tab)
        await self.visit(tab)
        if opened:
            await tab.open()
        return tab

    async def visit(self, tab: Tab) -> None:
        """Go to the page; the widget is on it."""
        await tab.page.goto(self.site.page(self.look), timeout=WITHIN_MS)
        await self._until_loaded(tab)

    async def reload(self, tab: Tab) -> None:
        """Load it anew; the widget is on it."""
        await tab.page.reload(timeout=WITHIN_MS)
        await self._until_loaded(tab)

    async def _until_loaded(self, tab: Tab) -> None:
        """While the gateway is away a page gets no widget: load it again, as people do."""
        deadline = time.monotonic() + WITHIN_S
        while time.monotonic() < deadline:
            with suppress(TooLate):
                await tab.host.wait_for(state="attached", timeout=LOADS_WITHIN_MS)
                return
            await tab.page.reload(timeout=WITHIN_MS)
        raise AssertionError(f"the widget never came: {self.told[-5:]}")

    async def goes_offline(self) -> None:
        """Airplane mode: the browser knows it, and the wire is cut."""
        self.wire.cut()
        await self.context.set_offline(offline=True)

    async def comes_back(self) -> None:
        self.wire.mend()
        await self.context.set_offline(offline=False)

    async def complaints(self) -> list[str]:
        """Errors thrown or printed, policies broken, on any page; the network's aside."""
        broken = [
            f"policy: {one}"
            for tab in self.open_tabs
            for one in await tab.page.evaluate("window.brokenPolicy")
        ]
        return [*self.faults, *broken]

    async def leave(self) -> None:
        """Close everything."""
        await self.context.close()

    async def keep(self, folder: Path) -> None:
        """Leave a picture of each tab and the console in a folder that is there."""
        told = "\n".join([*self.told, *self.faults, ""])
        await asyncio.to_thread((folder / "console.txt").write_text, told)
        for number, tab in enumerate(self.open_tabs, 1):
            with suppress(Error):  # a tab that is gone has no picture
                await tab.page.screenshot(path=folder / f"tab-{number}.png", timeout=10_000)

    def _heard(self, message: ConsoleMessage) -> None:
        self.told.append(f"{message.type}: {message.text}")
        if message.type == "error" and not any(word in message.text for word in NETWORK_WORDS):
            self.faults.append(f"printed: {message.text}")

    def _watch(self, page: Page) -> None:
        page.on("websocket", self._dialled)
        page.on("dialog", self._dialog)

    async def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        await dialog.dismiss()

    def _dialled(self, socket: WebSocket) -> None:
        self.sockets.append(socket.url)
        self.told.append(f"socket: {socket.url}")

    def _failed(self, request: Request) -> None:
        self.told.append(f"failed: {request.method} {request.url} {request.failure}")
