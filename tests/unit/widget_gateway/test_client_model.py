"""Whatever happens to its connection, a client ends up with the whole truth and nothing twice.

The client is a model of the protocol's rules: a queue on disk, one message at a time, cursors that
move with history alone. It meets two replicas whose clocks differ, over a memory bus, while sockets
break, live news get lost, inbox-core and the bus go away, and frames are repeated.
"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from typing_extensions import override

from bus.errors import Retryable
from bus.memory import MemoryBus, MemoryServer
from bus.ports import Delivered
from contracts import subjects
from contracts.commands import SendCommand
from support.exchange import Kept, Lines, Place, a_channel, a_visitor, lines, now
from support.gate_socket import message, text_of
from support.skipping import run_skipping
from support.team import Answer, Team
from widget_gateway.deliver import Deliverer
from widget_gateway.frames.frame import Frame
from widget_gateway.lines import requests
from widget_gateway.lines.closing import Close
from widget_gateway.lines.line import Line
from widget_gateway.peers import Peer
from widget_gateway.visitor import Visitor

SKEW = (timedelta(seconds=-4), timedelta(seconds=4))
"""Of the replicas' clocks."""
ANSWER_S = 15.0
QUIET_S = 60.0
"""For everything to settle when nothing goes wrong any more."""
STEPS = ("say", "say", "reply", "reply", "drop", "connect", "repeat", "deaf", "away", "back",
         "down", "up", "wait")  # fmt: skip


class Cable(Kept):
    """Passes frames to the client until it is cut."""

    def __init__(self, client: "Client") -> None:
        super().__init__()
        self._client = client

    @override
    def put(self, frame: Frame) -> None:
        super().put(frame)
        if self._client.cable is self:
            self._client.told(self.frames[-1])

    @override
    def end(self, close: Close) -> None:
        super().end(close)
        if self._client.cable is self:
            self._client.cable = None


@dataclass
class Client:
    """What a browser keeps, and the rules it holds to."""

    visitor: Visitor
    queue: list[dict[str, Any]] = field(default_factory=list)
    messages: dict[str, dict[str, Any]] = field(default_factory=dict)
    parts: dict[tuple[str, int], str] = field(default_factory=dict)
    cursors: dict[str, int] = field(default_factory=dict)
    last_at: str | None = None
    sent_at: float = float("-inf")
    cable: Cable | None = None
    line: Line | None = None
    lines: Lines | None = None

    async def connect(self, to: Lines) -> None:
        await self.drop()
        cable = Cable(self)
        known = {UUID(id_): seq for id_, seq in self.cursors.items()}
        self.lines, self.cable = to, cable
        self.line = Line(to.exchange, cable, to.channel, self.visitor, Peer(None), known)
        await to.exchange.hub.join(self.line)
        self.line.greet()
        self.sent_at = float("-inf")

    async def drop(self) -> None:
        self.cable = None
        if self.line is not None:
            await self.line.leave()
        self.line = self.lines = None

    async def pump(self, *, again: bool = False) -> None:
        """Send the head of the queue, if it is its turn."""
        clock = asyncio.get_running_loop().time()
        if self.line is None or self.lines is None or self.cable is None or not self.queue:
            return
        if again or clock - self.sent_at >= ANSWER_S:
            self.sent_at = clock
            head = self.queue[0]
            after = {"after": self.last_at} if self.last_at else {}
            await self.line.take(orjson.dumps({**after, **head}), requests.handle)

    def told(self, frame: dict[str, Any]) -> None:
        head = self.queue[0] if self.queue else None
        match frame["t"]:
            case "taken" if head and head["id"] == frame["id"]:
                head.update(at=frame["at"], mark=frame["mark"])
            case "accepted" if head and head["id"] == frame["id"]:
                self.queue.pop(0)
                self.last_at, self.sent_at = frame["at"], float("-inf")
            case "refused":
                assert "retry_s" in frame, frame
                self.sent_at = float("-inf")
            case "history":
                for one in frame["messages"]:
                    self.messages[one["id"]] = one
                self.cursors.update(frame["cursors"])
            case "part":
                self.parts[frame["message"], frame["index"]] = frame["part"]["text"]
            case _:
                return

    def shown(self) -> list[str]:
        """As a page shows it."""
        rows = sorted(self.messages.values(), key=lambda one: (one["at"], one["seq"]))
        return [text_of(one["parts"]) for one in rows]


@dataclass
class Stage:
    """Everything of one story."""

    bus: MemoryBus
    team: Team
    client: Client
    replicas: list[Lines]
    said: list[str] = field(default_factory=list)
    replies: int = 0
    working: set[asyncio.Task[None]] = field(default_factory=set)

    async def do(self, step: str, number: int) -> None:
        match step:
            case "say":
                self.said.append(f"said {len(self.said)}")
                self.client.queue.append(message(self.said[-1]))
            case "reply" if self.team.threads:
                self.replies += 1
                await self.team.reply(("visitor", self.client.visitor.id), f"re {self.replies}")
            case "drop":
                await self.client.drop()
            case "connect":
                await self.client.connect(self.replicas[number % len(self.replicas)])
            case "repeat":
                await self.client.pump(again=True)
            case "deaf":
                self.bus.server.listeners.clear()
            case "away" | "back":
                self.team.away = step == "away"
            case "down":
                self.bus.down()
            case "up":
                self.bus.up()
            case _:
                pass
        await asyncio.sleep((0.01, 0.4, 2.0)[number % 3])
        await self.client.pump()

    async def settle(self) -> None:
        """Nothing goes wrong any more."""
        self.team.away = False
        self.bus.up()
        await self.client.connect(self.replicas[0])
        for _ in range(round(QUIET_S)):
            await self.client.pump()
            await asyncio.sleep(1)

    async def carry(self, command: Answer) -> None:
        """As a work queue does: again and again until it is done, then once more."""
        task = asyncio.create_task(self._carry(command))
        self.working.add(task)
        task.add_done_callback(self.working.discard)

    async def _carry(self, command: Answer) -> None:
        assert isinstance(command, SendCommand)
        lines_ = self.replicas[0]
        deliverer = Deliverer(self.bus, _publish(lines_), now)
        for attempt in range(100):
            try:
                await deliverer.send(command, _delivered(attempt))
                break
            except Retryable:
                await asyncio.sleep(1)
        await deliverer.send(command, _delivered(1))


async def story(steps: list[tuple[str, int]]) -> None:
    server = MemoryServer()
    bus = MemoryBus(server)
    channel = a_channel()
    team = Team()
    await bus.serve(subjects.VISITOR_HISTORY, team.answer)
    async with AsyncExitStack() as stack:
        replicas = [
            await stack.enter_async_context(lines(bus_, channel, _clock(skew)))
            for bus_, skew in zip((MemoryBus(server), MemoryBus(server)), SKEW, strict=True)
        ]
        client = Client(a_visitor(channel))
        stage = Stage(bus, team, client, replicas)
        team.carry = stage.carry
        await stack.enter_async_context(team.at_work(bus, Place(channel.workspace_id, channel.id)))
        await client.connect(replicas[0])
        for step, number in steps:
            await stage.do(step, number)
        await stage.settle()
        check(stage)
        await client.drop()
        for replica in replicas:
            await replica.bus.close()
    await bus.close()


def check(stage: Stage) -> None:
    client, team = stage.client, stage.team
    assert client.queue == []
    truth = sorted(team.texts())
    assert sorted(client.shown()) == truth
    assert len(set(truth)) == len(truth)
    assert [text for text in client.shown() if text.startswith("said")] == stage.said
    told = {id_ for id_, _ in client.parts}
    assert told <= client.messages.keys()
    known = {one["client"] for one in client.messages.values() if one["by"] == "contact"}
    assert len(known) == len(stage.said)


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(STEPS), st.integers(min_value=0, max_value=5)),
        min_size=25,
        max_size=50,
    )
)
@settings(
    max_examples=25, deadline=None, derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)  # fmt: skip
def test_the_client_ends_up_with_the_truth(steps: list[tuple[str, int]]) -> None:
    run_skipping(story(steps))


def _clock(skew: timedelta) -> Callable[[], datetime]:
    loop = asyncio.get_running_loop()
    began, since = now(), loop.time()
    return lambda: began + skew + timedelta(seconds=loop.time() - since)


def _publish(of: Lines) -> Callable[[bytes], Any]:
    return lambda event: of.exchange.batcher.publish(subjects.INBOUND_RESULTS, [event])


def _delivered(deliveries: int) -> Delivered:
    return Delivered("", b"", "OUTBOUND", 1, now(), deliveries=deliveries)
