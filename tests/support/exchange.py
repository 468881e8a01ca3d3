"""Lines without sockets: an exchange over a memory bus, and a carrier that keeps what is told."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
from typing_extensions import override

from adapter.deliver.buckets import LocalBuckets
from bus.batching import Batcher
from bus.memory import MemoryBus
from chassis.addresses import Address
from contracts import subjects
from contracts.batch import decode_event, unpack
from contracts.events import WatermarkEvent
from contracts.parts import StoredFile
from contracts.rpc import HistoryAnswer
from vault.keyring import KeyRing
from vault.signing import Signer
from widget_gateway.addresses import AddressSealer
from widget_gateway.frames import codec
from widget_gateway.frames.frame import Frame
from widget_gateway.limits import LIMITS, Limiter, Name
from widget_gateway.lines import requests
from widget_gateway.lines.carrier import Carrier
from widget_gateway.lines.closing import Close
from widget_gateway.lines.exchange import Exchange
from widget_gateway.lines.files import Files
from widget_gateway.lines.history import Histories
from widget_gateway.lines.hub import Hub
from widget_gateway.lines.line import Line
from widget_gateway.lines.presence import Presence
from widget_gateway.lines.speech import Speech
from widget_gateway.lines.stamps import Stamps
from widget_gateway.lines.views import Views
from widget_gateway.peers import Peer
from widget_gateway.site.channels import Channel
from widget_gateway.site.config import parse
from widget_gateway.visitor import Visitor, new_id

SIGNER = Signer([b"k" * 32])
RING = KeyRing.new("visitors", "test")
HOUR_S = 3600
FREE: dict[Name, tuple[int, float]] = dict.fromkeys(LIMITS, (1_000_000, 1e6))


def a_channel(**changed: Any) -> Channel:
    site = parse({"origins": "https://shop.example", **changed.pop("config", {})})
    fields: dict[str, Any] = {
        "id": uuid4(),
        "workspace_id": uuid4(),
        "account": "shop-front",
        "secret": "s" * 32,
    }
    return Channel(site=site, **(fields | changed))


def a_visitor(channel: Channel, user_id: str | None = None, **changed: Any) -> Visitor:
    now = int(time.time())
    fields: dict[str, Any] = {
        "id": new_id(),
        "session": new_id(),
        "issued_at": now,
        "expires_at": now + HOUR_S,
    }
    return Visitor(channel.id, user_id=user_id, **(fields | changed))


class NoFiles(Files):
    """Handles are what `uploaded` says."""

    def __init__(self) -> None:
        self.uploaded: dict[str, StoredFile] = {}

    @override
    def address(self, key: str, name: str | None, mime_type: str | None, size: int | None) -> str:
        return f"/widget/v1/files/{key.rpartition('/')[2]}"

    @override
    async def opened(self, channel: Channel, visitor: Visitor, handle: str) -> StoredFile | None:
        return self.uploaded.get(handle)


class Kept(Carrier):
    """Keeps every frame as a client would read it."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.ended: Close | None = None
        self.beats = 0

    @override
    def put(self, frame: Frame) -> None:
        self.frames.append(orjson.loads(codec.write(frame)))

    @override
    async def room(self) -> None:
        await asyncio.sleep(0)

    @override
    def beat(self, now: float) -> None:
        self.beats += 1

    @override
    def end(self, close: Close) -> None:
        self.ended = self.ended or close

    def kinds(self) -> list[str]:
        return [frame["t"] for frame in self.frames]


@dataclass
class Lines:
    """A process' lines. `over`: sessions that were ended."""

    bus: MemoryBus
    exchange: Exchange
    channel: Channel
    files: NoFiles = field(default_factory=NoFiles)
    over: set[str] = field(default_factory=set)

    async def line(
        self,
        visitor: Visitor,
        cursors: dict[UUID, int] | None = None,
        *,
        address: Address | None = None,
    ) -> tuple[Line, Kept]:
        """One that was greeted."""
        kept = Kept()
        line = Line(self.exchange, kept, self.channel, visitor, Peer(address), cursors or {})
        await self.exchange.hub.join(line)
        line.greet()
        return line, kept

    async def begin(self, line: Line, frame: dict[str, Any]) -> None:
        """What its client says; returns when the line would read on."""
        await line.take(orjson.dumps(frame), requests.handle)

    async def send(self, line: Line, frame: dict[str, Any]) -> None:
        """What its client says; returns when that was answered."""
        await self.begin(line, frame)
        await line.said()


@dataclass(frozen=True)
class Place:
    """Which channel it is, for those who need to know no more (support.team.Stand)."""

    workspace_id: UUID
    channel_id: UUID


def now() -> datetime:
    return datetime.now(UTC)


class Canned:
    """Answers for inbox-core with `answer`, whatever is asked; `closed`: when it is opened."""

    def __init__(self, answer: HistoryAnswer | None = None, *, closed: bool = False) -> None:
        self.answer = answer or HistoryAnswer()
        self.asked = 0
        self.open = asyncio.Event()
        if not closed:
            self.open.set()

    async def serve(self, bus: MemoryBus) -> None:
        await bus.serve(subjects.VISITOR_HISTORY, self._tell)

    async def _tell(self, _question: bytes) -> bytes:
        self.asked += 1
        await self.open.wait()
        return self.answer.model_dump_json().encode()


async def receipts(bus: MemoryBus) -> list[tuple[UUID | None, int | None]]:
    """What was acknowledged: conversation and place, as the bus has it."""
    stored = await bus.read("INBOUND", subjects.inbound("widget"), 0, 100)
    events = [decode_event(item) for one in stored for item in unpack(one.body)]
    return [
        (event.data.conversation_id, event.data.up_to_seq)
        for event in events
        if isinstance(event, WatermarkEvent)
    ]


@asynccontextmanager
async def lines(
    bus: MemoryBus,
    channel: Channel | None = None,
    clock: Callable[[], datetime] = now,
    limits: dict[Name, tuple[int, float]] | None = None,
) -> AsyncIterator[Lines]:
    """A process of its own; two on one MemoryServer are two replicas."""
    batcher = Batcher(bus.publisher)
    await batcher.start()
    here = LocalBuckets(asyncio.get_running_loop().time, share=1.0)
    limiter = Limiter(here, here, FREE | (limits or {}))
    files, over, hub = NoFiles(), set[str](), Hub(bus)

    async def is_over(visitor: Visitor) -> bool:
        return visitor.session in over

    exchange = Exchange(
        bus=bus,
        batcher=batcher,
        hub=hub,
        histories=Histories(bus),
        views=Views(files),
        speech=Speech(batcher, Stamps(SIGNER), files, AddressSealer(RING), limiter, clock),
        presence=Presence(lambda workspace, there: hub.tell_present(workspace, present=there)),
        limiter=limiter,
        is_over=is_over,
        find=lambda _account: None,
        max_file=1024,
        clock=clock,
    )
    yield Lines(bus, exchange, channel or a_channel(), files, over)
    for line in hub.lines:
        if isinstance(line, Line):
            await line.leave()
    await hub.close()
    await batcher.stop()
