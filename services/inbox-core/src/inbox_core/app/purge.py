"""Purge: files nobody may see any more leave the filestore. Called by the worker.

The bytes go first, then the row, so that nothing is forgotten half way: a crash in between
deletes again what is not there any more, which does no harm.
"""

from contextlib import suppress
from datetime import datetime
from typing import Protocol

from filestore.errors import Permanent
from inbox_core.app.ports import Store

LIMIT = 100
"""Files at a time."""


class Shelf(Protocol):
    """The filestore, as far as purging needs it."""

    async def delete(self, key: str) -> None:
        """Also of a file that is not there."""
        ...


async def purge(store: Store, files: Shelf, now: datetime) -> int:
    """Delete what is due; the answer is how many files. Raises what the two stores raise."""
    async with store.begin() as uow:
        due = await uow.due_files(now, LIMIT)
    if not due:
        return 0
    for file in due:
        # A key that no store takes holds nothing: its row goes all the same.
        with suppress(Permanent):
            await files.delete(file.key)
    async with store.begin() as uow:
        await uow.forget_files([(file.workspace_id, file.id) for file in due])
    return len(due)
