"""Handles FetchMedia: link → copy → result on the bus → acknowledge. Each step may be repeated.

Run by bus.commanding.CommandConsumer over the consumer `<type>-media`, AT_ONCE at a time. The key
of the file and the id of the result are made of the command, so that a crash anywhere and the
delivery that follows it lead to the same file under the same key and the same event.
"""

from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import datetime
from uuid import uuid5

import structlog

from adapter.answers import attributes
from adapter.channels import Channels, Credential
from adapter.media import troubles
from adapter.media.copying import Copier, Mismatch
from adapter.media.links import Links
from adapter.patience import NO_CHANNEL, TOO_LATE, Trouble, later
from bus.commanding import Done, Verdict
from bus.ports import Delivered
from chassis.metrics import count
from contracts import batch
from contracts.commands import FetchMedia, MediaCommand
from contracts.events import MediaResult, MediaResultEvent
from contracts.parts import StoredFile
from filestore.keys import key_for
from metagraph.fates import DownloadError

AT_ONCE = 8
"""A large file takes up to 24 MiB of memory on its way into a bucket."""
STAGE = "media"

log = structlog.get_logger()

Outcome = StoredFile | Trouble


class MediaHandler:
    """Handles one command; several at once. `publish` takes an encoded event to the results."""

    def __init__(
        self,
        links: Links,
        copier: Copier,
        channels: Channels,
        publish: Callable[[bytes], Awaitable[None]],
        clock: Callable[[], datetime],
    ) -> None:
        self._links = links
        self._copier = copier
        self._channels = channels
        self._publish = publish
        self._clock = clock

    async def handle(self, command: MediaCommand, message: Delivered) -> Verdict:
        """Done when the result is durable. Raises what `publish` raises."""
        outcome = await self._outcome(command)
        now = self._clock()
        if isinstance(outcome, Trouble):
            again = later(outcome, command, message.deliveries, now)
            if again is not None:
                count(STAGE, "later", outcome.problem.kind)
                return again
        await self._publish(result(command, outcome, now))
        self._tell(command, outcome, message.deliveries)
        return Done()

    async def _outcome(self, command: MediaCommand) -> Outcome:
        """One try."""
        data = command.data
        if self._clock() >= data.not_after:
            return TOO_LATE
        if data.media.policy != "copy":
            return troubles.NOT_OURS
        credential = self._channels.credential(command.channel, command.account)
        if credential is None:
            return NO_CHANNEL
        try:
            return await self._copied(command, credential)
        except troubles.Foreseen as error:
            return troubles.of(error)

    async def _copied(self, command: MediaCommand, credential: Credential) -> StoredFile:
        """By the first link that leads to the file. Raises what the last one came to."""
        media, age = command.data.media, self._clock() - command.time
        key = key_of(command.data, command.time)
        missed: DownloadError | Mismatch = DownloadError("expired")
        async with aclosing(self._links.of(media, credential, age)) as links:
            async for link in links:
                try:
                    return await self._copier.copy(link, media, credential.token, key)
                except (DownloadError, Mismatch) as error:
                    if not (link.hint or error.refetch):
                        raise
                    missed = error
                count(STAGE, "link_missed", missed.reason)
        raise missed

    def _tell(self, command: MediaCommand, outcome: Outcome, tries: int) -> None:
        if isinstance(outcome, StoredFile):
            count(STAGE, "stored")
            return
        kind = outcome.problem.kind
        count(STAGE, "failed", kind)
        log.info(
            "media_failed",
            reason=kind,
            code=outcome.problem.code,
            tries=tries,
            channel_id=str(command.data.channel_id),
            message_id=str(command.data.message_id),
        )


def key_of(data: FetchMedia, made: datetime) -> str:
    """Where the file of a command lies: always at the same place."""
    name = uuid5(data.message_id, f"{data.part}.{data.attempt}")
    return key_for(data.workspace_id, "media", name, made)


def result(command: MediaCommand, outcome: Outcome, at: datetime) -> bytes:
    """What inbox-core is told; the id says whose file it is, not what became of it."""
    data = command.data
    fact = f"{data.message_id}.{data.part}.{data.attempt}"
    return batch.encode(
        MediaResultEvent(
            **attributes(command, "media", fact, at),
            data=MediaResult(
                workspace_id=data.workspace_id,
                message_id=data.message_id,
                part=data.part,
                attempt=data.attempt,
                file=outcome if isinstance(outcome, StoredFile) else None,
                problem=outcome.problem if isinstance(outcome, Trouble) else None,
            ),
        )
    )
