"""A tab with the widget on it, as a person uses and reads it.

    await tab.open()
    await tab.say("Hello")
    await tab.shows("Hi, how can I help?")

Used by the browser tests. Things are found by role and name, as a screen reader finds them, and by
few hooks: `[data-key]` a message, `.text` and `.file` its parts.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.async_api import Locator, Page, expect

from support.waiting import until_true

HOST_ELEMENT = "sluice-widget"
WITHIN_S = 60.0
WITHIN_MS = WITHIN_S * 1000
LONG = 20_000
PASTE = """(box, text) => {
    box.value = text;
    box.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertFromPaste' }));
}"""

READ_LOG = """log => [...log.querySelectorAll('[data-key]')].map(row => ({
    key: row.dataset.key,
    by: row.dataset.by,
    state: row.dataset.state,
    seen: 'seen' in row.dataset,
    texts: [...row.querySelectorAll('.text')].map(one => one.textContent),
    files: [...row.querySelectorAll('.file')].map(one =>
        one.querySelector('bdi')?.textContent ?? one.querySelector('img').alt),
}))"""


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
        """The panel is open and can be written in; it may be so since the page before."""
        # Drawn with the panel, if that is open; the last button on a phone is the panel's own.
        await expect(self.launcher).to_be_visible(timeout=WITHIN_MS)
        if not await self.panel.is_visible():
            await self.launcher.click(timeout=WITHIN_MS)
        await expect(self.box).to_be_visible(timeout=WITHIN_MS)

    async def say(self, text: str) -> None:
        """Write it and send it; returns when the page shows it, safe or not yet."""
        await self.write(text)
        await self.box.press("Enter", timeout=WITHIN_MS)
        await self.until(lambda rows: any(row.texts == (text,) for row in rows), f"shows {text!r}")

    async def write(self, text: str) -> None:
        """Put it into the box. What is long is pasted: Chromium takes minutes to type it."""
        if len(text) < LONG:
            await self.box.fill(text)
        else:
            await self.box.evaluate(PASTE, text)

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
