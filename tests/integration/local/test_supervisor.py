"""The supervisor: what dies is started again, what keeps dying ends the stack, nothing is left."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from sluice_local.errors import DidNotStart, KeepsDying
from sluice_local.progress import Progress
from sluice_local.servers.program import Program, Running
from sluice_local.supervisor import Supervisor
from support.stack import is_running

SLEEP = "exec sleep 1000"


class Enough(BaseException):
    """Ends `watch`, as the exception of a signal does."""


class Stage:
    """A supervisor whose lines can be read, with stand-ins for programs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said = StringIO()
        self.until: Callable[[], bool] = lambda: False
        console = Console(file=self.said, width=200)
        self.supervisor = Supervisor(Progress(console), changed=self._changed)
        self.deadline = time.monotonic() + 60

    def program(
        self, name: str, script: str, says: str = "", stop_s: float = 10, start_s: float = 30
    ) -> Running:
        """A shell script as a program, ready once it said `says`."""
        log = self.folder / f"{name}.log"
        argv, env = ("/bin/sh", "-c", script), {"PATH": os.defpath}
        program = Program(name, argv, log, env, stop_s=stop_s, start_s=start_s)
        return Running(program, lambda: says in log.read_text())

    def _changed(self) -> None:
        assert time.monotonic() < self.deadline
        if self.until():
            raise Enough


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    stage.supervisor.kill()


def test_what_is_killed_is_started_again(stage: Stage) -> None:
    one = stage.program("one", SLEEP)
    other = stage.program("other", SLEEP)
    stage.supervisor.start(one)
    stage.supervisor.start(other)
    before = stage.supervisor.pids()
    os.kill(before["one"], signal.SIGKILL)
    stage.until = lambda: True
    with pytest.raises(Enough):
        stage.supervisor.watch()
    after = stage.supervisor.pids()
    assert after["one"] != before["one"]
    assert after["other"] == before["other"]
    assert "one" in stage.said.getvalue()
    assert "died (signal 9), is started again" in stage.said.getvalue()


def test_what_keeps_dying_ends_the_stack(stage: Stage) -> None:
    stage.supervisor.start(stage.program("broken", "echo run; exit 3"))
    with pytest.raises(KeepsDying, match=r"broken died 6 times within 60 s, last with status 3"):
        stage.supervisor.watch()
    assert (stage.folder / "broken.log").read_text().count("run") == 6


def test_stopped_in_reverse_and_nothing_is_left(stage: Stage) -> None:
    diary = stage.folder / "diary"
    for name in ("first", "second"):
        trap = f"trap 'echo {name} >> {diary}; exit 0' TERM"
        script = f"{trap}; echo set; while :; do sleep 0.05; done"
        stage.supervisor.start(stage.program(name, script, says="set"))
    pids = stage.supervisor.pids().values()
    stage.supervisor.stop()
    assert diary.read_text().split() == ["second", "first"]
    assert not any(is_running(pid) for pid in pids)


def test_what_does_not_stop_is_killed_with_what_it_started(stage: Stage) -> None:
    script = "trap '' TERM; sleep 1000 & echo $!; wait; wait"
    stubborn = stage.program("stubborn", script, says="\n", stop_s=0.2)
    stage.supervisor.start(stubborn)
    grandchild = int(stubborn.program.log.read_text())
    stage.supervisor.stop()
    assert stubborn.status == -signal.SIGKILL
    assert not is_running(grandchild)


def test_a_start_that_never_gets_ready_is_given_up(stage: Stage) -> None:
    slow = stage.program("slow", SLEEP, says="ready", start_s=0.1)
    with pytest.raises(DidNotStart, match=r"slow was not ready within"):
        stage.supervisor.start(slow)
    assert stage.supervisor.pids() == {}


def test_a_long_log_is_put_aside_and_is_private(stage: Stage) -> None:
    one = stage.program("one", SLEEP)
    one.program.log.write_bytes(b"x" * (9 * 1024 * 1024))
    stage.supervisor.start(one)
    assert one.program.log.stat().st_size == 0
    assert one.program.log.stat().st_mode & 0o077 == 0
    assert (stage.folder / "one.log.1").stat().st_size == 9 * 1024 * 1024
