"""One Chromium, one stack and one site serve every test here; each test has visitors of its own.

They share an event loop, for a browser belongs to the loop it was started on. What a failing test
saw is left in .local/browser/<test>/: a picture of each tab, and the console.
"""

import re
from collections.abc import AsyncIterator, Generator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from support.chromium import running_chromium
from support.faults import Faults
from support.outside import Outside, outside
from support.site import Site, running_site
from support.stack import LocalStack
from support.visits import Visits

HERE = Path(__file__).parent
EVIDENCE = HERE.parents[1] / ".local" / "browser"
FAILED = pytest.StashKey[bool]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the long run: `pytest tests/browser -m soak -s --runs 200`."""
    group = parser.getgroup("widget")
    group.addoption("--runs", type=int, help="seeded talks of the long run, 200 by default")
    group.addoption("--seed", type=int, help="the first seed of the long run, 1 by default")
    group.addoption("--figures", type=Path, help="write the figures of the long run there")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the group
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("stack"))
            if pytest_asyncio.is_async_test(item):
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with running_chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site() -> AsyncIterator[Site]:
    async with running_site() as site:
        yield site


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def faults(stack: LocalStack) -> Faults:
    """Whoever kills asks here, so that nothing dies too often."""
    return Faults(stack)


@pytest_asyncio.fixture(loop_scope="session")
async def world(stack: LocalStack) -> AsyncIterator[Outside]:
    """The session's stack, with a screen of its own."""
    async with outside(stack.read()) as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def visits(
    request: pytest.FixtureRequest, chromium: Browser, site: Site, world: Outside
) -> AsyncIterator[Visits]:
    async with AsyncExitStack() as leaving:
        visits = Visits(chromium, site, world, leaving)
        yield visits
        node = request.node
        if node.stash.get(FAILED, True):
            await visits.keep(EVIDENCE / re.sub(r"[^\w.-]+", "-", node.name))
