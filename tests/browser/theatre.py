"""Plays a scene in a browser: a page with the widget as it is at the moment of the picture.

Used by screenshots.py and test_axe.py.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from playwright.async_api import Browser, expect

from browser.scenes import NOW, ZONE, Shot
from support.site import Look, Site
from support.stage import Stage
from support.tab import WITHIN_MS
from support.visitor import Visitor
from support.wire_cutter import Wire

CHANNEL = "lamps"


@asynccontextmanager
async def played(browser: Browser, site: Site, stage: Stage, shot: Shot) -> AsyncIterator[Visitor]:
    """Somebody who sees it, in their first tab. No cut wire: a stage has nothing to lose."""
    stage.scene = shot.scene
    width, height = shot.size
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        locale=shot.page.get("lang", "en-GB"),
        timezone_id=ZONE,
        color_scheme=shot.scheme,
        reduced_motion="reduce",
        is_mobile=shot.phone,
        has_touch=shot.phone,
        device_scale_factor=1,
    )
    await context.clock.set_fixed_time(datetime.fromisoformat(NOW))
    visitor = Visitor(context, Wire(0), site, Look(stage.loader, CHANNEL, **shot.page))
    await visitor.begin()
    try:
        await _look(visitor, shot)
        yield visitor
    finally:
        await visitor.leave()


async def _look(visitor: Visitor, shot: Shot) -> None:
    tab = await visitor.tab(opened=False)
    root = tab.host
    await expect(root.locator(".launch")).to_be_visible(timeout=WITHIN_MS)
    if not shot.opened:
        return
    await root.locator(".launch").click()
    await expect(tab.panel).to_be_visible(timeout=WITHIN_MS)
    await expect(root.locator("[data-key]")).to_have_count(
        len(shot.scene.messages), timeout=WITHIN_MS
    )
    if shot.scene.unavailable is not None:
        await expect(root.get_by_text(shot.scene.unavailable)).to_be_visible()
    for image in await root.locator("img").all():
        await image.evaluate("image => image.decode()")
    match shot.then:
        case "submit":
            await root.get_by_role("button", name="Start chat").click()
        case "rate":
            await root.locator('[data-score="4"]').check(force=True)
        case _:
            pass
