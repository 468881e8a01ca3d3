"""A real Chromium, driven by Playwright: where it is, how it starts, what a failure leaves behind.

The browser is the machine's own (Debian's `chromium`, or any of NAMES); Playwright brings the
driver alone. Without one, whoever asks fails with MISSING: a proof that did not run is no proof.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright
from pydantic_settings import BaseSettings, SettingsConfigDict

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MISSING = (
    "These tests need a Chromium. On Debian and Ubuntu `make browser` installs one; elsewhere name"
    " yours: SLUICE_TEST_CHROMIUM=/path/to/chromium"
)
ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",  # containers run as root and have no user namespaces; the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--font-render-hinting=none",  # pictures of pages look the same everywhere
    "--force-color-profile=srgb",
)
STARTS_WITHIN_MS = 120_000


class ChromiumSettings(BaseSettings):
    """`SLUICE_TEST_CHROMIUM`: the program, where it is not on the PATH."""

    model_config = SettingsConfigDict(env_prefix="SLUICE_TEST_", env_ignore_empty=True)

    chromium: Path | None = None


def find_chromium() -> Path:
    """The program. Fails the test that asks when there is none."""
    named = ChromiumSettings().chromium
    if named is not None and named.is_file():
        return named
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.fail(MISSING, pytrace=False)
    return Path(found)


@asynccontextmanager
async def running_chromium() -> AsyncIterator[Browser]:
    """With a profile of its own, thrown away afterwards."""
    program = find_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=list(ARGUMENTS), timeout=STARTS_WITHIN_MS
        )
        try:
            yield browser
        finally:
            await browser.close()
