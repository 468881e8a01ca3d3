"""`make screenshots`: takes the pictures of docs/widget/screenshots anew.

    PYTHONPATH=tests .venv/bin/python -m browser.screenshots [--only dark] [--into FOLDER]

A picture is written only when it differs, so that what was not changed stays as it is.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from browser.scenes import PICTURES, SHOTS
from browser.theatre import played
from support.chromium import running_chromium
from support.site import running_site
from support.stage import running_stage

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "widget" / "screenshots"


async def take(names: Sequence[str], folder: Path) -> list[str]:
    """Photograph these scenes; returns those whose picture is another one than before."""
    new: list[str] = []
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    async with running_chromium() as browser, running_site() as site, running_stage() as stage:
        for name in names:
            async with played(browser, site, stage, SHOTS[name]) as visitor:
                picture = await visitor.tabs[0].page.screenshot(animations="disabled", caret="hide")
                if await asyncio.to_thread(_keep, folder / f"{name}.png", picture):
                    new.append(name)
    return new


def _keep(path: Path, picture: bytes) -> bool:
    if path.is_file() and path.read_bytes() == picture:
        return False
    path.write_bytes(picture)
    return True


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="browser.screenshots", description=__doc__)
    parser.add_argument("--only", action="append", choices=sorted(SHOTS), help="this one, …")
    parser.add_argument("--into", type=Path, default=FOLDER)
    options = parser.parse_args(arguments)
    names = options.only or PICTURES
    new = asyncio.run(take(names, options.into))
    sys.stdout.write(
        f"{len(names)} pictures in {options.into}, changed: {', '.join(new) or 'none'}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
