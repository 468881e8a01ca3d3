"""From the webhook to the screen: one process posts at a steady rate and watches a socket.

Run by stack.py as `python -m bench.screen` with a ScreenJob on stdin. One clock: a message's time
is from the moment its POST was due, whether or not a connection was free then, to the moment its
`message.created` frame was read.
"""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import uvloop
from pydantic import BaseModel, ConfigDict
from typing_extensions import override

from bench import bodies
from bench.connection import Answered, Connection, connect
from bench.load import GRACE_S, Job
from bench.percentiles import Spread, spread
from sluice_local.demo.inbox import Inbox
from sluice_local.demo.realtime_client import RealtimeClient
from sluice_local.demo.realtime_state import Entity
from sluice_local.stack_file import StackFile

LIVE_S = 15.0
SETTLE_S = 30.0
"""How long the last frames may take."""


class ScreenJob(BaseModel):
    """`job.count` messages at `rate` a second; the first `warm` of them are not counted."""

    model_config = ConfigDict(frozen=True)

    job: Job
    stack: StackFile
    rate: float
    warm: int


class ScreenResult(BaseModel):
    """`refused`: POSTs without a 200. `missing`: messages accepted that no frame showed.

    `twice`: frames that showed a message again.
    """

    model_config = ConfigDict(frozen=True)

    to_answer_ms: Spread
    to_screen_ms: Spread
    refused: int
    missing: int
    twice: int


class Paced(Answered):
    """Posts each request when it is due, on whichever connection is free."""

    def __init__(self, requests: list[bytes], rate: float) -> None:
        self._requests = requests
        self._rate = rate
        self._idle: asyncio.Queue[Connection] = asyncio.Queue()
        self._owes: dict[Connection, int] = {}
        self._over = asyncio.Event()
        self.due = [0.0] * len(requests)
        self.took: dict[int, float] = {}
        self.refused = 0

    async def drive(self, connections: list[Connection]) -> None:
        for connection in connections:
            self._idle.put_nowait(connection)
        started = time.perf_counter()
        for number, request in enumerate(self._requests):
            due = self.due[number] = started + number / self._rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            connection = await self._idle.get()
            self._owes[connection] = number
            connection.post(request)
        async with asyncio.timeout(GRACE_S):
            await self._over.wait()

    @override
    def answered(self, connection: Connection, status: int, seconds: float) -> None:
        number = self._owes.pop(connection)
        if status == 200:
            self.took[number] = time.perf_counter() - self.due[number]
        else:
            self.refused += 1
        self._idle.put_nowait(connection)
        self._settle()

    @override
    def lose(self, connection: Connection) -> None:
        self._owes.pop(connection, None)
        self.refused += 1
        self._settle()

    def _settle(self) -> None:
        if len(self.took) + self.refused == len(self._requests):
            self._over.set()


class Watch:
    """When each message of the run was first seen on the socket."""

    def __init__(self, run: str) -> None:
        self._run = run
        self._wanted = sys.maxsize
        self._complete = asyncio.Event()
        self.seen: dict[int, float] = {}
        self.twice = 0

    def frame(self, frame: dict[str, Any]) -> None:
        if frame.get("type") != "message.created":
            return
        now = time.perf_counter()
        for part in frame["data"]["parts"]:
            number = bodies.number_of(part.get("text") or "", self._run)
            if number is None:
                continue
            if number in self.seen:
                self.twice += 1
            self.seen.setdefault(number, now)
            self._check()

    async def wait_for(self, count: int, within_s: float) -> None:
        """Returns when so many messages were seen, or when the time is over."""
        self._wanted = count
        self._check()
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._complete.wait()

    def _check(self) -> None:
        if len(self.seen) >= self._wanted:
            self._complete.set()


async def measure(task: ScreenJob) -> ScreenResult:
    """Open the screen, post, wait until everything accepted was shown or SETTLE_S are over."""
    paced, watch = Paced(task.job.requests(), task.rate), Watch(task.job.run)
    connections = await connect(paced, task.job.host, task.job.port, task.job.connections)
    async with _screen(task.stack, watch):
        await paced.drive(connections)
        await watch.wait_for(len(paced.took), SETTLE_S)
    for connection in connections:
        connection.close()
    counted = range(task.warm, task.job.count)
    return ScreenResult(
        to_answer_ms=spread([1000 * paced.took[n] for n in counted if n in paced.took]),
        to_screen_ms=spread(
            [1000 * (watch.seen[n] - paced.due[n]) for n in counted if n in watch.seen]
        ),
        refused=paced.refused,
        missing=len(paced.took.keys() - watch.seen.keys()),
        twice=watch.twice,
    )


@asynccontextmanager
async def _screen(stack: StackFile, watch: Watch) -> AsyncIterator[None]:
    """A socket that is live. It shows nothing else, so there is no snapshot to fetch."""

    async def nothing() -> AsyncIterator[list[Entity]]:
        yield []

    async with aiohttp.ClientSession() as session:
        invite = Inbox(session, stack).invite
        client = RealtimeClient(session, invite, nothing, on_frame=watch.frame)
        running = asyncio.create_task(client.run())
        try:
            async with asyncio.timeout(LIVE_S):
                await client.live.wait()
            yield
        finally:
            await client.stop()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


def main() -> None:
    task = ScreenJob.model_validate_json(sys.stdin.buffer.read())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        result = runner.run(measure(task))
    sys.stdout.write(result.model_dump_json())


if __name__ == "__main__":
    main()
