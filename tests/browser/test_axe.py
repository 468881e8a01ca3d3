"""Every scene is clean by axe-core's rules for WCAG 2.2 A and AA, and by its best practices."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from browser.scenes import SHOTS
from browser.theatre import played
from support.site import Site
from support.stage import running_stage

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
    const found = await axe.run({ include: [['sluice-widget']] }, { resultTypes: ['violations'] });
    return found.violations.map(one =>
        `${one.id}: ${one.help}: ${one.nodes.map(node => node.html.slice(0, 200)).join(' | ')}`);
}"""


@pytest.mark.parametrize("name", SHOTS)
async def test_a_scene_is_accessible(chromium: Browser, site: Site, name: str) -> None:
    source = await asyncio.to_thread(AXE.read_text)
    async with running_stage() as stage, played(chromium, site, stage, SHOTS[name]) as visitor:
        page = visitor.tabs[0].page
        await page.evaluate(source)
        violations: list[Any] = await page.evaluate(RUN)
        assert violations == []
        assert await visitor.complaints() == []
