"""Reads dead letters: look, try again, drop. `sluice dead` and inbox-core's worker use it.

A retry publishes the letter's body where it was read from and then removes the letter. Dying in
between publishes it twice, which every reader of the bus stands.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from bus.errors import Permanent
from bus.ports import Bus, Stored
from contracts import batch

STREAM = "DEAD"
PAGE = 100


class NotFound(Permanent):
    """No letter has this number."""


class NoWayBack(Permanent):
    """The letter never stood on the bus: there is no subject to publish it to."""


@dataclass(frozen=True)
class Letter:
    """A dead letter. `number` is its sequence in DEAD, `subject` where a retry publishes it."""

    number: int
    at: datetime
    service: str
    reason: str
    detail: str
    subject: str
    event_id: str
    channel: str
    account: str
    whole: bool
    body: bytes


@dataclass(frozen=True)
class Filter:
    """Which letters; an empty field fits all."""

    service: str = ""
    reason: str = ""
    channel: str = ""
    account: str = ""

    def fits(self, letter: Letter) -> bool:
        return (not self.channel or letter.channel == self.channel) and (
            not self.account or letter.account == self.account
        )

    @property
    def subject(self) -> str:
        return f"dead.{self.service or '*'}.{self.reason or '*'}"


class Letters:
    """The letters of all services."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def each(self, wanted: Filter, limit: int | None = None) -> AsyncIterator[Letter]:
        """Letters that fit, oldest first, at most `limit`; those laid down meanwhile are left."""
        end = (await self._bus.stream(STREAM)).last_sequence
        after, found = 0, 0
        while page := await self._bus.read(STREAM, wanted.subject, after, PAGE):
            for stored in page:
                after = stored.sequence
                letter = _letter(stored)
                if after > end or (limit is not None and found >= limit):
                    return
                if wanted.fits(letter):
                    found += 1
                    yield letter

    async def show(self, number: int) -> Letter:
        """One letter. Raises NotFound."""
        found = await self._bus.read(STREAM, "dead.>", number - 1, 1)
        if not found or found[0].sequence != number:
            raise NotFound(f"there is no dead letter {number}")
        return _letter(found[0])

    async def retry(self, letter: Letter) -> None:
        """Publish it again and remove it. Raises NoWayBack, Unavailable, Ambiguous."""
        if not letter.subject:
            raise NoWayBack(
                f"dead letter {letter.number} is a body nobody could parse; it has never been an "
                "event, so there is nothing to publish again"
            )
        body = letter.body if letter.whole else batch.pack([letter.body])
        await self._bus.publisher.publish(
            letter.subject, body, message_id=f"retry:{STREAM}:{letter.number}"
        )
        await self._bus.remove(STREAM, letter.number)

    async def drop(self, letter: Letter) -> None:
        """Remove it for good."""
        await self._bus.remove(STREAM, letter.number)

    async def retry_matching(
        self, wanted: Filter, limit: int | None = None, tell: Callable[[Letter], None] | None = None
    ) -> int:
        """Retry every letter that fits and can be; how many they were. Raises as `retry` does."""
        count = 0
        async for letter in self.each(wanted, limit):
            if letter.subject:
                await self.retry(letter)
                count += 1
                if tell is not None:
                    tell(letter)
        return count


def channel_appeared(channel: str, account: str) -> Filter:
    """What to retry when inbox-core learns of a channel account."""
    return Filter(reason="unknown_channel", channel=channel, account=account)


def _letter(stored: Stored) -> Letter:
    def field(name: str) -> str:
        return unquote(stored.headers.get(f"Sluice-{name}", ""))

    _, service, reason = stored.subject.split(".", 2)
    return Letter(
        number=stored.sequence,
        at=stored.at,
        service=service,
        reason=reason,
        detail=field("Detail"),
        subject=field("Subject"),
        event_id=field("Event-Id"),
        channel=field("Channel"),
        account=field("Account"),
        whole=field("Shape") == "message",
        body=stored.body,
    )
