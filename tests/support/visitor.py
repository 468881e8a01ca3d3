"""A visitor of a site in a real browser: a profile of their own, a wire of their own, some tabs.

    visitor = await visits.visitor(channel)
    tab = await visitor.tab()
    await tab.say("Hello")
    await tab.shows("Hi, how can I help?")

Used by the browser tests. Everything is found by role and name, as a screen reader finds it, and by
the few hooks below. What the page complained of is kept: a story ends with `visitor.complaints()`.
"""

import asyncio
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import (
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    WebSocket,
    expect,
)
from playwright.async_api import TimeoutError as TooLate

from support.site import Look, Site
from support.waiting import until_true
from support.wire_cutter import Wire

HOST_ELEMENT = "sluice-widget"
ROWS = "[data-key]"
WITHIN_S = 60.0
WITHIN_MS = WITHIN_S * 1000
LOADS_WITHIN_MS = 8_000

READ_LOG = """log => [...log.querySelectorAll('[data-key]')].map(row => ({
    key: row.dataset.key,
    by: row.dataset.by,
    state: row.dataset.state,
    seen: 'seen' in row.dataset,
    texts: [...row.querySelectorAll('.text')].map(one => one.textContent),
    files: [...row.querySelectorAll('.file')].map(one =>
        one.querySelector('bdi')?.textContent ?? one.querySelector('img').alt),
}))"""
WATCH_POLICY = """
window.brokenPolicy = [];
document.addEventListener('securitypolicyviolation', event =>
    window.brokenPolicy.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
NETWORK_WORDS = ("Failed to load resource", "WebSocket connection to", "net::ERR_")
"""The browser's own words about a network that is away; no fault of a page."""


@dataclass(frozen=True)
class Row:
    """A message as a page shows it."""

    key: str
    by: str
    state: str
    seen: bool
    texts: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def words(self) -> str:
        return "".join((*self.texts, *self.files))


@dataclass(eq=False)
class Tab:
    """One page with the widget on it."""

    page: Page

    @property
    def host(self) -> Locator:
        return self.page.locator(HOST_ELEMENT)

    @property
    def log(self) -> Locator:
        return self.host.get_by_role("log")

    @property
    def box(self) -> Locator:
        return self.host.get_by_role("textbox", name="Message")

    @property
    def launcher(self) -> Locator:
        return self.host.get_by_role("button", name=re.compile("^(Open|Close) chat")).last

    @property
    def panel(self) -> Locator:
        return self.host.get_by_role("dialog")

    async def open(self) -> None:
        """The panel is open and can be written in."""
        if not await self.log.is_visible():
            await self.launcher.click(timeout=WITHIN_MS)
        await expect(self.box).to_be_visible(timeout=WITHIN_MS)

    async def say(self, text: str) -> None:
        """Write it and send it; returns when the page shows it, safe or not yet."""
        await self.box.fill(text)
        await self.box.press("Enter")
        await self.until(lambda rows: any(row.texts == (text,) for row in rows), f"shows {text!r}")

    async def attach(self, name: str, mime_type: str, content: bytes) -> None:
        """Choose a file and send it."""
        file: Any = {"name": name, "mimeType": mime_type, "buffer": content}
        await self.host.locator("input[type=file]").set_input_files(file)

    async def rows(self) -> list[Row]:
        """The log as it is now; none while there is no log."""
        logs = await self.log.all()
        if not logs:
            return []
        found = await logs[0].evaluate(READ_LOG)
        return [
            Row(**{**row, "texts": tuple(row["texts"]), "files": tuple(row["files"])})
            for row in found
        ]

    async def texts(self) -> list[str]:
        """Every text that is shown, from the top."""
        return [text for row in await self.rows() for text in row.texts]

    async def until(self, like: Callable[[list[Row]], bool], what: str) -> list[Row]:
        """The rows, once they are like that."""
        seen: list[Row] = []

        async def there() -> bool:
            seen[:] = await self.rows()
            return like(seen)

        try:
            await until_true(there, WITHIN_S)
        except AssertionError:
            raise AssertionError(f"it never {what}; it shows {seen}") from None
        return seen

    async def shows(self, text: str) -> Row:
        """The one row with this text, once it is there."""
        rows = await self.until(
            lambda rows: any(text in row.texts for row in rows), f"shows {text[:80]!r}"
        )
        [row] = [row for row in rows if text in row.texts]
        return row

    async def holds(self, name: str) -> Row:
        """The one row with this file, once it is there."""
        rows = await self.until(
            lambda rows: any(name in file for row in rows for file in row.files), f"holds {name}"
        )
        [row] = [row for row in rows if any(name in file for file in row.files)]
        return row

    async def settles(self, *texts: str) -> None:
        """What the visitor wrote is safe, and is exactly this, in this order."""

        def settled(rows: list[Row]) -> bool:
            mine = [row for row in rows if row.by == "contact"]
            return [row.texts for row in mine] == [(text,) for text in texts] and all(
                row.state == "sent" for row in mine
            )

        await self.until(settled, f"sent {[text[:40] for text in texts]}")

    async def settled_all(self) -> None:
        """Nothing is on its way any more, and nothing failed."""
        await self.until(lambda rows: all(row.state == "sent" for row in rows), "sent everything")

    async def api(self, call: str) -> Any:
        """Use the page's JavaScript API: `sluice.…`."""
        return await self.page.evaluate(call)


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

    async def _dialog(self, dialog: Any) -> None:
        self.faults.append(f"dialog: {dialog.message}")
        await dialog.dismiss()

    def _dialled(self, socket: WebSocket) -> None:
        self.sockets.append(socket.url)
        self.told.append(f"socket: {socket.url}")

    def _failed(self, request: Request) -> None:
        self.told.append(f"failed: {request.method} {request.url} {request.failure}")
