"""One stack serves every test here: with several pytest workers they all go to the same one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from support.outside import Outside, outside
from support.stack import LocalStack

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("stack"))


@pytest.fixture
async def world(stack: LocalStack) -> AsyncIterator[Outside]:
    """The session's stack, with a screen of its own."""
    async with outside(stack.read()) as world:
        yield world
