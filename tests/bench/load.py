"""The load generator: one process, raw HTTP/1.1 over kept-alive connections, no pipelining.

Run by driver.py as `python -m bench.load` with a Job on stdin; prints a Result. Requests are whole
before the clock starts, so that a request costs this process a write, a read and a regular
expression: it has to be faster than the fastest server it measures. Bounded by count and by time.
"""

import asyncio
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from typing import cast

import uvloop
from pydantic import BaseModel, ConfigDict
from typing_extensions import override

from bench import bodies
from bench.percentiles import Spread, spread

GRACE_S = 10.0
"""How long answers may still take when no more is sent."""

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_END = b"\r\n\r\n"


class Job(BaseModel):
    """What to post where. Sending ends with `count` or after `seconds`, whichever is first."""

    model_config = ConfigDict(frozen=True)

    host: str
    port: int
    path: str
    secret: str
    run: str
    count: int
    contacts: int
    connections: int
    seconds: float


class Result(BaseModel):
    """What came back. `lost`: connections that broke, each with the answer it owed, if any.

    `seconds` from the first request to the last answer, `cpu_s` of this process meanwhile.
    """

    model_config = ConfigDict(frozen=True)

    answers: dict[int, int]
    lost: int
    seconds: float
    cpu_s: float
    latency_ms: Spread

    @property
    def total(self) -> int:
        return sum(self.answers.values())

    @property
    def per_second(self) -> float:
        return self.total / self.seconds

    def errors(self, expected: int = 200) -> int:
        """Answers of another status, and connections lost."""
        return self.total - self.answers.get(expected, 0) + self.lost


class Connection(asyncio.Protocol):
    """One request under way at a time."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._transport: asyncio.Transport | None = None
        self._rest = b""
        self._at = 0.0
        self._waiting = False

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own is no subclass

    def send(self) -> None:
        """The next request, or none when there are no more or the time is over."""
        request = self._run.next()
        self._waiting = request is not None
        if request is not None and self._transport is not None:
            self._at = time.perf_counter()
            self._transport.write(request)

    @override
    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
        end = data.find(_END)
        length = _LENGTH.search(data, 0, end) if end > 0 else None
        if length is None or len(data) < end + len(_END) + int(length[1]):
            self._rest = data
            return
        self._rest = b""
        self._run.answered(int(data[9:12]), time.perf_counter() - self._at)
        self.send()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if self._waiting:
            self._run.lose()

    def close(self) -> None:
        self._waiting = False
        if self._transport is not None:
            self._transport.abort()


class Run:
    """The requests that are left, and the answers that came."""

    def __init__(self, requests: list[bytes], seconds: float) -> None:
        self._requests: Iterator[bytes] = iter(requests)
        self._seconds = seconds
        self._until = 0.0
        self._open = 0
        self._done = asyncio.Event()
        self.answers: Counter[int] = Counter()
        self.lost = 0
        self.latencies: list[float] = []

    async def drive(self, connections: list[Connection]) -> None:
        """Returns when every request sent has its answer, or GRACE_S after the time is over."""
        self._until = time.perf_counter() + self._seconds
        for connection in connections:
            connection.send()
        try:
            async with asyncio.timeout(self._seconds + GRACE_S):
                await self._done.wait()
        except TimeoutError:
            self.lost += self._open

    def next(self) -> bytes | None:
        if time.perf_counter() > self._until:
            return None
        request = next(self._requests, None)
        if request is not None:
            self._open += 1
        return request

    def answered(self, status: int, seconds: float) -> None:
        self.answers[status] += 1
        self.latencies.append(seconds)
        self._settle()

    def lose(self) -> None:
        self.lost += 1
        self._settle()

    def _settle(self) -> None:
        self._open -= 1
        if self._open == 0:
            asyncio.get_running_loop().call_soon(self._finish)

    def _finish(self) -> None:
        """A turn of the loop later: whoever was answered last may have sent again."""
        if self._open == 0:
            self._done.set()


async def post(job: Job) -> Result:
    """Make the requests, connect, post, count."""
    batch = bodies.Batch(job.run, job.count, job.contacts)
    host = f"{job.host}:{job.port}"
    requests = bodies.requests(bodies.webhooks(batch), host, job.path, job.secret.encode())
    loop = asyncio.get_running_loop()
    run = Run(requests, job.seconds)
    opened = [
        await loop.create_connection(lambda: Connection(run), job.host, job.port)
        for _ in range(job.connections)
    ]
    connections = [connection for _, connection in opened]
    started, cpu = time.perf_counter(), time.process_time()
    await run.drive(connections)
    seconds, cpu_s = time.perf_counter() - started, time.process_time() - cpu
    for connection in connections:
        connection.close()
    return Result(
        answers=dict(run.answers),
        lost=run.lost,
        seconds=seconds,
        cpu_s=cpu_s,
        latency_ms=spread([1000 * latency for latency in run.latencies]),
    )


def main() -> None:
    job = Job.model_validate_json(sys.stdin.buffer.read())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        result = runner.run(post(job))
    sys.stdout.write(result.model_dump_json())


if __name__ == "__main__":
    main()
