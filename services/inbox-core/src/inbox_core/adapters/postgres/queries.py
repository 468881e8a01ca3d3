"""The named queries of queries/*.sql, loaded once. Called by unit_of_work, writing and views."""

from collections.abc import AsyncIterator
from importlib.resources import as_file, files
from typing import Any

import aiosql
from aiosql.queries import Queries
from asyncpg import Record


def _load() -> Queries:
    with as_file(files("inbox_core.adapters.postgres") / "queries") as folder:
        queries: Queries = aiosql.from_path(folder, "asyncpg")
    return queries


SQL: Any = _load()
"""One function a query; parameters by name, as the query's heading lists them."""


async def fetch(found: AsyncIterator[Record]) -> list[Record]:
    """Collect the rows of `found`: `SQL.name` alone gives them one by one."""
    return [row async for row in found]
