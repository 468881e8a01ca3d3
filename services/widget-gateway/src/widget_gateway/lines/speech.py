"""Speech: a visitor's message from its frame to the disk of the bus. One a process, for all lines.

    checked → its time given → told `taken` → published → told `accepted`

`accepted` is never said before the message is durable, and whatever stands in the way is said with
`refused`: with a time to come again where that can help.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from bus.batching import Batcher
from bus.errors import Permanent, Retryable
from chassis.metrics import count
from contracts import subjects
from contracts.parts import Part, Source, StoredFile
from widget_gateway.addresses import AddressSealer
from widget_gateway.frames.said import FilePart, Page, Rate, Say
from widget_gateway.frames.told import Accepted, Refused, ServerFrame, Taken
from widget_gateway.limits import Limiter
from widget_gateway.lines import normalize
from widget_gateway.lines.files import Files
from widget_gateway.lines.normalize import Unfit
from widget_gateway.lines.stamps import Stamps
from widget_gateway.peers import Peer
from widget_gateway.site.channels import CHANNEL, Channel
from widget_gateway.source import source_of
from widget_gateway.visitor import Visitor

BUSY_S = 0.5
"""When to come again while a message of the same session is on its way."""
INBOUND = subjects.inbound(CHANNEL)
MESSAGE, RATING = "visitor_message", "visitor_rating"
"""Stages of the outcomes."""
KIB = 1024

Tell = Callable[[ServerFrame], None]


class Speaker(Protocol):
    """Who speaks: a line."""

    @property
    def channel(self) -> Channel: ...
    @property
    def visitor(self) -> Visitor: ...
    @property
    def peer(self) -> Peer: ...
    @property
    def begins(self) -> bool:
        """Whether this message begins a conversation, as far as is known."""
        ...


class Spoken:
    """A message that is durable."""

    __slots__ = ("at", "client_id", "parts")

    def __init__(self, client_id: str, at: datetime, parts: tuple[Part, ...]) -> None:
        self.client_id = client_id
        self.at = at
        self.parts = parts


class Speech:
    """`clock`: the time, in UTC."""

    def __init__(
        self,
        batcher: Batcher,
        stamps: Stamps,
        files: Files,
        sealer: AddressSealer,
        limiter: Limiter,
        clock: Callable[[], datetime],
    ) -> None:
        self._batcher = batcher
        self._stamps = stamps
        self._files = files
        self._sealer = sealer
        self._limiter = limiter
        self._clock = clock
        self._speaking: set[str] = set()

    async def say(self, by: Speaker, say: Say, tell: Tell) -> Spoken | None:
        """Answered whatever happens; None: it was refused."""
        session = by.visitor.session
        if session in self._speaking:
            tell(busy(say.id))
            return None
        self._speaking.add(session)
        try:
            return await self._say(by, say, tell)
        except Unfit as unfit:
            tell(_refused(say.id, unfit.code, str(unfit)))
        except Retryable as error:
            tell(_unavailable(say.id, error))
        except Permanent:
            tell(_refused(say.id, "too_long", "The message is too long."))
        finally:
            self._speaking.discard(session)
        return None

    async def rate(self, by: Speaker, rate: Rate, tell: Tell) -> None:
        """Stars, answered like a message."""
        now = self._clock()
        wait_s = await self._limiter.take("messages", by.visitor.id)
        if wait_s:
            tell(_refused(rate.id, "too_many_messages", "Not so fast.", wait_s, RATING))
            return
        event = normalize.rating(by.channel, by.visitor, rate, now)
        try:
            await self._batcher.publish(INBOUND, [event])
        except Retryable as error:
            tell(_unavailable(rate.id, error, RATING))
            return
        count(RATING, "accepted")
        tell(Accepted(id=rate.id, at=now))

    async def _say(self, by: Speaker, say: Say, tell: Tell) -> Spoken | None:
        """Raises Unfit, Retryable, Permanent."""
        wait_s = await self._wait_s(by)
        if wait_s:
            tell(_refused(say.id, "too_many_messages", "Not so fast.", wait_s))
            return None
        parts = normalize.parts_of(say, await self._opened(by, say))
        at = self._stamps.stamp(by.channel.id, by.visitor.id, say, self._clock())
        where = self._where(by, say.page) if by.begins or say.page else None
        event = normalize.message(by.channel, by.visitor, say, parts, at, where)
        wait_s = await self._room_s(by, len(event) // KIB)
        if wait_s:
            tell(_refused(say.id, "too_many_messages", "Not so much at once.", wait_s))
            return None
        mark = self._stamps.mark(by.channel.id, by.visitor.id, say.id, at)
        tell(Taken(id=say.id, at=at, mark=mark))
        await self._batcher.publish(INBOUND, [event])
        count(MESSAGE, "accepted")
        tell(Accepted(id=say.id, at=at))
        return Spoken(say.id, at, parts)

    async def _wait_s(self, by: Speaker) -> float:
        """What the visitor may say, then what the workspace's inbox can take."""
        wait_s = await self._limiter.take("messages", by.visitor.id)
        return wait_s or await self._limiter.take("workspace", str(by.channel.workspace_id))

    async def _room_s(self, by: Speaker, kib: int) -> float:
        """What an address may fill of the bus, then all visitors of a workspace."""
        wait_s = await self._limiter.take("text", by.peer.counted_as, max(1, kib))
        if wait_s or not kib:
            return wait_s
        return await self._limiter.take("workspace_text", str(by.channel.workspace_id), kib)

    async def _opened(self, by: Speaker, say: Say) -> Mapping[str, StoredFile]:
        """Handle → file, of those that are the visitor's own."""
        opened: dict[str, StoredFile] = {}
        for part in say.parts:
            if isinstance(part, FilePart):
                file = await self._files.opened(by.channel, by.visitor, part.file)
                if file is not None and normalize.is_of(by.channel.workspace_id, file.key):
                    opened[part.file] = file
        return opened

    def _where(self, by: Speaker, page: Page | None) -> Source:
        address = by.peer.address
        sealed = self._sealer.seal(by.channel.workspace_id, address) if address else None
        return source_of(page, by.peer, sealed)


def busy(client_id: str) -> Refused:
    """Another message of the session is on its way."""
    return _refused(client_id, "busy", "One message at a time.", BUSY_S)


def _unavailable(client_id: str, error: Retryable, stage: str = MESSAGE) -> Refused:
    """Certainly, or maybe, not stored: the same again does no harm."""
    return _refused(client_id, "unavailable", "It could not be taken now.", error.delay_s, stage)


def _refused(
    client_id: str, code: str, why: str, retry_s: float | None = None, stage: str = MESSAGE
) -> Refused:
    count(stage, "refused", code)
    return Refused(id=client_id, code=code, message=why, retry_s=retry_s)
