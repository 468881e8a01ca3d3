"""The load generator: one process, as fast as it is answered. Run by driver.py with a Job on stdin.

Requests are whole before the clock starts, so that one costs this process a write, a read and a
regular expression: it has to be faster than the fastest server it measures. Every connection has
one request under way; sending ends by count and by time.
"""

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Iterator

import uvloop
from pydantic import BaseModel, ConfigDict
from typing_extensions import override

from bench import bodies
from bench.connection import Answered, Connection, connect
from bench.percentiles import Spread, spread

GRACE_S = 10.0
"""How long answers may still take when no more is sent."""


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

    def requests(self) -> list[bytes]:
        """Every request of the job, whole and signed."""
        batch = bodies.Batch(self.run, self.count, self.contacts)
        host = f"{self.host}:{self.port}"
        return bodies.requests(bodies.webhooks(batch), host, self.path, self.secret.encode())


class Result(BaseModel):
    """What came back. `lost`: requests that got no answer, or half of one.

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

    def errors(self, expected: int = 200) -> int:
        """Answers of another status, and requests without one."""
        return self.total - self.answers.get(expected, 0) + self.lost


class Run(Answered):
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
            self._next(connection)
        try:
            async with asyncio.timeout(self._seconds + GRACE_S):
                await self._done.wait()
        except TimeoutError:
            self.lost += self._open

    @override
    def answered(self, connection: Connection, status: int, seconds: float) -> None:
        self.answers[status] += 1
        self.latencies.append(seconds)
        self._open -= 1
        self._next(connection)

    @override
    def lose(self, connection: Connection) -> None:
        self.lost += 1
        self._open -= 1
        self._settle()

    def _next(self, connection: Connection) -> None:
        in_time = time.perf_counter() < self._until
        request = next(self._requests, None) if in_time else None
        if request is None:
            self._settle()
            return
        self._open += 1
        connection.post(request)

    def _settle(self) -> None:
        if self._open == 0:
            self._done.set()


async def post(job: Job) -> Result:
    """Make the requests, connect, post, count."""
    run = Run(job.requests(), job.seconds)
    connections = await connect(run, job.host, job.port, job.connections)
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
