"""Runs the load generator against one receiver, and reads what it cost the receiver's process."""

import subprocess
import sys
from dataclasses import dataclass
from secrets import token_hex

import psutil

from bench.addresses import HOST, PATH
from bench.load import GRACE_S, Job, Result
from bench.programs import TESTS, Receiver
from sluice_local import plan

MAKING_S = 60.0
"""For a generator's own start, and to make and sign its requests."""


@dataclass(frozen=True)
class Round:
    """What one run of the generator saw, and what it cost.

    Processor time is fairer than the clock where neighbours work: they make answers late, and
    only little dearer.
    """

    result: Result
    server_cpu_s: float

    @property
    def per_second(self) -> float:
        return self.result.total / self.result.seconds

    @property
    def cpu_us(self) -> float:
        """Microseconds of processor time of the receiver for one webhook."""
        return 1e6 * self.server_cpu_s / max(1, self.result.total)

    @property
    def generator_us(self) -> float:
        return 1e6 * self.result.cpu_s / max(1, self.result.total)


def job(
    receiver: Receiver, secret: str, *, count: int, seconds: float, contacts: int, connections: int
) -> Job:
    """Webhooks that were never posted before."""
    return Job(
        host=HOST,
        port=receiver.port,
        path=PATH,
        secret=secret,
        run=token_hex(6),
        count=count,
        contacts=contacts,
        connections=connections,
        seconds=seconds,
    )


def drive(receiver: Receiver, job: Job) -> Round:
    """Raises CalledProcessError when the generator fails."""
    before = cpu_s(receiver.pid)
    result = Result.model_validate_json(generate("load", job.model_dump_json(), job.seconds))
    return Round(result, cpu_s(receiver.pid) - before)


def generate(name: str, job: str, seconds: float) -> str:
    """Run one of this package's generators as a process of its own; answers its stdout."""
    done = subprocess.run(
        [sys.executable, "-m", f"bench.{name}"],
        env={**plan.base_env(), "PYTHONPATH": str(TESTS)},
        input=job,
        stdout=subprocess.PIPE,
        text=True,
        timeout=MAKING_S + seconds + GRACE_S,
        check=True,
    )
    return done.stdout


def cpu_s(pid: int) -> float:
    """User and system time of a process so far."""
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)
