"""A whole process: ready after start, stopped by a signal, its exit status, its watchdog."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator

import pytest

PROGRAM = """
import asyncio, time
from chassis import logs
from chassis.lifecycle import Lifecycle
from chassis.process import run
from chassis.settings import ServiceSettings, load

async def build(life: Lifecycle) -> None:
    fault = {fault!r}
    if fault == "refuse":
        raise RuntimeError("no database")
    if fault == "slow":
        await asyncio.Event().wait()
    async def start() -> str:
        return "bus"
    async def stop(_bus: str) -> None:
        if fault == "stuck":
            time.sleep(60)
    await life.start("bus", start, stop)

logs.configure("example", "info")
run("example", load(ServiceSettings), build)
"""


@pytest.fixture
def process() -> Iterator[Callable[[str], tuple["subprocess.Popen[str]", int]]]:
    running: list[subprocess.Popen[str]] = []

    def start(fault: str) -> tuple["subprocess.Popen[str]", int]:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        env = {
            "PATH": os.defpath,
            "SLUICE_NATS_URL": "nats://127.0.0.1:1",
            "SLUICE_HTTP_PORT": "0",
            "SLUICE_ADMIN_PORT": str(port),
            "SLUICE_SHUTDOWN_DEADLINE_S": "0.5",
        }
        running.append(
            subprocess.Popen(
                [sys.executable, "-c", PROGRAM.format(fault=fault)],
                env=env,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return running[-1], port

    yield start
    for child in running:
        child.kill()
        child.communicate()


def status(port: int, path: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


Start = Callable[[str], tuple["subprocess.Popen[str]", int]]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ready_then_stopped_by_a_signal(process: Start, number: signal.Signals) -> None:
    child, port = process("")
    wait_until(lambda: status(port, "/readyz") == 200)
    assert status(port, "/livez") == 200
    child.send_signal(number)
    _, said = child.communicate(timeout=30)
    assert child.returncode == 0, said
    events = [json.loads(line)["event"] for line in said.splitlines()]
    assert events == ["service_started", "service_stopping", "service_stopped"]


def test_a_signal_during_the_start_interrupts_it(process: Start) -> None:
    child, port = process("slow")
    wait_until(lambda: status(port, "/readyz") == 503)
    child.terminate()
    _, said = child.communicate(timeout=30)
    assert child.returncode == 0, said


def test_a_start_that_fails_ends_the_process_with_its_reason(process: Start) -> None:
    child, _ = process("refuse")
    _, said = child.communicate(timeout=30)
    assert child.returncode == 1
    assert "no database" in said


def test_the_watchdog_ends_a_process_whose_loop_hangs(process: Start) -> None:
    child, port = process("stuck")
    wait_until(lambda: status(port, "/readyz") == 200)
    child.terminate()
    _, said = child.communicate(timeout=50)
    assert child.returncode == 70
    assert "service_forced_down" in said
