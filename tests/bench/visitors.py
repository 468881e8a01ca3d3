"""Thousands of visitors with an open socket, and the team that answers them, in one process.

Run by widget.py as `python -m bench.visitors` with a VisitorsJob on stdin. It stands in for
inbox-core: it tells history and puts answers on the bus. One clock: a message's time is from the
moment it was due to the moment its `accepted`, or its `part`, was read.
"""

import asyncio
import resource
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import psutil
import uvloop
from pydantic import BaseModel, ConfigDict

from bench.frames_socket import FramesSocket, upgrade
from bench.percentiles import Spread, spread
from bus import jetstream
from bus.ports import Bus
from contracts import batch, subjects
from contracts.commands import CommandId, Send, SendCommand, Shown
from contracts.parts import Alias, Part
from contracts.rpc import HistoryAnswer, HistoryMessage, HistoryThread
from sluice_local.demo.visitor_frames import hello, message, words
from vault.keyring import KeyRing
from vault.signing import Signer
from widget_gateway.sessions.tokens import Tokens
from widget_gateway.site.channels import CHANNEL
from widget_gateway.visitor import VISITOR, new_id

CONNECTING = 100
"""Sockets that are being opened at a time."""
PATIENCE_S = 60.0
SETTLE_S = 3.0
"""For the gateway to put away what opening took."""
SPARE_FILES = 1000
KIB = 1024
WORDS = "Could you tell me when my order will arrive?"


class VisitorsJob(BaseModel):
    """`pid` is the gateway's. `warm` sockets are opened before its memory is first looked at."""

    model_config = ConfigDict(frozen=True)

    host: str
    port: int
    pid: int
    nats_url: str
    account: str
    origin: str
    ring: str
    workspace_id: UUID
    channel_id: UUID
    warm: int
    sockets: int
    rate: float
    seconds: float


class VisitorsResult(BaseModel):
    """KiB of the gateway's memory a socket: `idle` before the traffic, `busy` after it."""

    model_config = ConfigDict(frozen=True)

    idle_kib: float
    busy_kib: float
    accepted_ms: Spread
    shown_ms: Spread
    cpu_share: float
    unopened: int
    refused: int
    unaccepted: int
    unshown: int
    lost: int


class BenchVisitor:
    """One browser, and the conversation it has."""

    def __init__(self, crowd: "Crowd") -> None:
        self._crowd = crowd
        self.id = new_id()
        self.conversation = uuid4()
        self.messages: list[HistoryMessage] = []
        self.synced = asyncio.Event()
        self.due: dict[str, float] = {}
        """Client ids and texts that wait for their answer."""
        self._socket: FramesSocket | None = None

    async def open(self) -> None:
        job = self._crowd.job
        request = upgrade(job.host, job.port, f"/widget/v1/{job.account}/socket", job.origin)
        loop = asyncio.get_running_loop()
        _, self._socket = await loop.create_connection(
            lambda: FramesSocket(self, request), job.host, job.port
        )
        async with asyncio.timeout(PATIENCE_S):
            await self.synced.wait()

    def opened(self) -> None:
        frame = hello(self._crowd.token(self.id), {})
        asyncio.get_running_loop().call_soon(self._send, frame)

    def closed(self) -> None:
        self._crowd.lost += 1

    def text(self, payload: bytes) -> None:
        frame = orjson.loads(payload)
        match frame["t"]:
            case "accepted":
                self._accepted(frame)
            case "part":
                self._crowd.shown(self.due.pop(frame["part"]["text"], None))
            case "history":
                self.synced.set()
            case "refused":
                self._crowd.refused += 1
            case _:
                return

    def say(self, due: float) -> None:
        said = message([words(WORDS)])
        self.due[said["id"]] = due
        self._send(said)

    def remember(self, at: datetime, **more: Any) -> HistoryMessage:
        """One more message of the conversation."""
        message = HistoryMessage(
            conversation_id=self.conversation, seq=len(self.messages) + 1, at=at, **more
        )
        self.messages.append(message)
        return message

    def history(self, after: int) -> HistoryAnswer:
        if not self.messages:
            return HistoryAnswer()
        last = self.messages[-1]
        thread = HistoryThread(
            id=self.conversation, open=True, last_seq=last.seq, read_seq=0, last_message_at=last.at
        )
        return HistoryAnswer(threads=(thread,), messages=tuple(self.messages[after:][-50:]))

    def _accepted(self, frame: dict[str, Any]) -> None:
        due = self.due.pop(frame["id"], None)
        if due is None:
            return
        self._crowd.accepted.append(time.perf_counter() - due)
        self.remember(
            datetime.fromisoformat(frame["at"]),
            id=uuid4(),
            by="contact",
            external_id=f"{self.id}:{frame['id']}",
            parts=(Part(kind="text", text=WORDS),),
        )

    def _send(self, frame: dict[str, Any]) -> None:
        if self._socket is not None:
            self._socket.send(orjson.dumps(frame))


class Crowd:
    """All visitors of a run, the bus, and what was measured."""

    def __init__(self, job: VisitorsJob, bus: Bus) -> None:
        self.job = job
        self._bus = bus
        ring = KeyRing.parse("visitors", job.ring)
        self._tokens = Tokens(Signer(ring.active_first()), time.time)
        self.visitors: dict[str, BenchVisitor] = {}
        self.accepted: list[float] = []
        self.parts: list[float] = []
        self.refused = self.lost = self.unopened = 0

    def token(self, visitor_id: str) -> str:
        return self._tokens.write(self._tokens.visitor(self.job.channel_id, visitor_id, new_id()))

    def shown(self, due: float | None) -> None:
        if due is not None:
            self.parts.append(time.perf_counter() - due)

    async def come(self, count: int) -> None:
        """So many more open a socket."""
        turns = asyncio.Semaphore(CONNECTING)

        async def one(visitor: BenchVisitor) -> None:
            async with turns:
                try:
                    await visitor.open()
                except (OSError, TimeoutError):
                    self.unopened += 1

        fresh = [BenchVisitor(self) for _ in range(count)]
        self.visitors.update({visitor.id: visitor for visitor in fresh})
        await asyncio.gather(*(one(visitor) for visitor in fresh))

    async def tell_history(self, body: bytes) -> bytes:
        ask = orjson.loads(body)
        visitor = self.visitors[ask["aliases"][-1]["value"]]
        after = ask["after"].get(str(visitor.conversation), 0)
        return visitor.history(after).model_dump_json().encode()

    async def answer(self, visitor: BenchVisitor, due: float) -> None:
        """One answer, through the bus."""
        now, job = datetime.now(UTC), self.job
        text = f"{WORDS} {uuid4()}"
        visitor.due[text] = due
        part = Part(kind="text", text=text)
        said = visitor.remember(now, id=uuid4(), by="user", author="Ana", parts=(part,))
        command = SendCommand(
            id=str(CommandId(said.id, 1, 0)),
            time=now,
            channel=CHANNEL,
            account=job.account,
            data=Send(
                workspace_id=job.workspace_id,
                channel_id=job.channel_id,
                conversation_id=visitor.conversation,
                to=(Alias(kind=VISITOR, value=visitor.id),),
                part=part,
                shown=Shown(seq=said.seq, at=now, author="Ana"),
                not_after=now + timedelta(hours=1),
            ),
        )
        body = batch.pack([batch.encode(command)])
        await self._bus.publisher.publish(subjects.outbound(CHANNEL, "send"), body)

    async def talk(self) -> tuple[int, int]:
        """At the job's rate for its time, half said and half answered; how many of each."""
        count = round(self.job.rate * self.job.seconds)
        visitors = list(self.visitors.values())
        answering: set[asyncio.Task[None]] = set()
        started = time.perf_counter()
        for number in range(count):
            due = started + number / self.job.rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            visitor = visitors[number % len(visitors)]
            if number % 2:
                task = asyncio.create_task(self.answer(visitor, due))
                answering.add(task)
                task.add_done_callback(answering.discard)
            else:
                visitor.say(due)
        said, answered = count - count // 2, count // 2
        await _until(lambda: len(self.accepted) >= said and len(self.parts) >= answered)
        return said, answered


async def measure(job: VisitorsJob) -> VisitorsResult:
    """Open the sockets, look, talk, look again."""
    bus = await jetstream.connect(job.nats_url, name="visitors")
    crowd = Crowd(job, bus)
    await bus.serve(subjects.VISITOR_HISTORY, crowd.tell_history)
    gateway = psutil.Process(job.pid)
    await crowd.come(job.warm)
    before = await _rss(gateway)
    await crowd.come(job.sockets)
    idle = await _rss(gateway)
    cpu, clock = _cpu_s(gateway), time.perf_counter()
    said, answered = await crowd.talk()
    cpu_share = (_cpu_s(gateway) - cpu) / (time.perf_counter() - clock)
    busy = await _rss(gateway)
    lost = crowd.lost
    await bus.close()
    return VisitorsResult(
        idle_kib=(idle - before) / KIB / job.sockets,
        busy_kib=(busy - before) / KIB / job.sockets,
        accepted_ms=spread([1000 * one for one in crowd.accepted]),
        shown_ms=spread([1000 * one for one in crowd.parts]),
        cpu_share=100 * cpu_share,
        unopened=crowd.unopened,
        refused=crowd.refused,
        unaccepted=said - len(crowd.accepted),
        unshown=answered - len(crowd.parts),
        lost=lost,
    )


async def _rss(process: psutil.Process) -> int:
    await asyncio.sleep(SETTLE_S)
    return int(process.memory_info().rss)


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def _until(true: Callable[[], bool]) -> None:
    """Or until the patience is over."""
    deadline = time.perf_counter() + PATIENCE_S
    while not true() and time.perf_counter() < deadline:  # noqa: ASYNC110 # figures of two ends
        await asyncio.sleep(0.02)


def main() -> None:
    job = VisitorsJob.model_validate_json(sys.stdin.buffer.read())
    _allow_files(job.warm + job.sockets + SPARE_FILES)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        result = runner.run(measure(job))
    sys.stdout.write(result.model_dump_json())


def _allow_files(count: int) -> None:
    """Of this process; the gateway sees to its own. Raises ValueError where they are too many."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, max(hard, count)))


if __name__ == "__main__":
    main()
