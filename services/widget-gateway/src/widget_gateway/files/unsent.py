"""Uploads no message has used yet: where they lie, and how they go when none ever does.

    unsent/<day>/<workspace>/<upload>      where an upload is stored; <day> in UTC
    <workspace>/media/<year>/<month>/<upload>   where it is copied to when a message takes it

An upload has the rest of its day and the whole next one to be used; then its day is removed, a
folder at a time, by whichever replica comes first. So nothing needs to be remembered of an upload
but its name, and a file somebody has sent lies where no sweep ever looks. The copy is the store's
own: the bytes do not pass through here again.
"""

import asyncio
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from chassis.metrics import count
from filestore.errors import FileStoreError, Missing
from filestore.keys import key_for
from filestore.store import FileStore

FOLDER = "unsent"
KEPT = timedelta(days=1)
"""The least an upload may be used for; at the most twice that."""
EVERY_S = 3600.0

log = structlog.get_logger()


def unsent_key(workspace_id: UUID, upload: UUID) -> str:
    """Where an upload lies until it is used. `upload` is a UUIDv7: its day is in it."""
    born = datetime.fromtimestamp((upload.int >> 80) / 1000, UTC)
    return f"{FOLDER}/{born:%Y-%m-%d}/{workspace_id}/{upload}"


def sent_key(workspace_id: UUID, upload: UUID) -> str:
    """Where it lies from then on."""
    return key_for(workspace_id, "media", upload)


async def use(files: FileStore, workspace_id: UUID, upload: UUID) -> bool:
    """Keep an upload for good: a message takes it. False: it is gone, being too old.

    A repeat finds it kept already. Raises Unavailable.
    """
    kept = sent_key(workspace_id, upload)
    if await files.exists(kept):
        return True
    try:
        await files.copy(unsent_key(workspace_id, upload), kept)
    except Missing:
        return False
    return True


class UnsentSweeper:
    """`run` for the life of the process. `clock`: the time, with its zone."""

    def __init__(self, files: FileStore, clock: Callable[[], datetime]) -> None:
        self._files = files
        self._clock = clock

    async def run(self) -> None:
        """At once, then each hour or so: replicas started together do not sweep together."""
        while True:
            try:
                await self.sweep()
            except FileStoreError as error:
                count("unsent", "failed")
                log.warning("unsent_not_swept", why=type(error).__name__)
            await asyncio.sleep(EVERY_S * random.uniform(0.8, 1.2))  # noqa: S311 - spreads load

    async def sweep(self) -> int:
        """Remove the days that are over; how many. Raises Unavailable."""
        oldest = f"{FOLDER}/{self._clock().astimezone(UTC) - KEPT:%Y-%m-%d}"
        over = [day for day in await self._files.folders(FOLDER) if day < oldest]
        for day in over:
            await self._files.clear(day)
            count("unsent", "swept")
        return len(over)
