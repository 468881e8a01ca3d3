"""`sluice-local` as a person runs it: up, looked after, down, and nothing left behind."""

import json
import re
import signal
import stat
import subprocess
import sysconfig
import urllib.request
from pathlib import Path

import pytest

from support.stack import LocalStack, is_running, wait_for

SERVERS = {"nats", "postgres", "emulator", "ingest-whatsapp", "ingest-meta", "inbox-core"}


def says_200(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own
            return bool(answer.status == 200)
    except OSError:
        return False


def test_up_and_described(stack: LocalStack) -> None:
    file = stack.read()
    assert stat.S_IMODE(stack.file.stat().st_mode) == 0o600
    assert set(file.processes) >= SERVERS
    for service in file.services.values():
        assert says_200(f"{service.admin_url}/readyz")
        assert says_200(f"{service.admin_url}/livez")
        assert says_200(f"{service.admin_url}/metrics")
    told = stack.output.read_text()
    for address in (
        file.channels["whatsapp"].webhook_url,
        file.nats_url,
        file.postgres_url,
        file.login.email,
    ):
        assert address in told


def test_secrets_are_for_its_owner_only(stack: LocalStack) -> None:
    for path in stack.folder.rglob("*"):
        if path.is_file() and "jetstream" not in path.parts and path != stack.output:
            assert not path.stat().st_mode & 0o077 or not _reachable(path), path


def _reachable(path: Path) -> bool:
    return all(parent.stat().st_mode & 0o001 for parent in path.parents)


def test_a_second_one_in_the_same_folder_is_refused(stack: LocalStack) -> None:
    again = subprocess.run(
        [Path(sysconfig.get_path("scripts")) / "sluice-local"],
        env={"SLUICE_LOCAL_FOLDER": str(stack.folder), "HOME": str(stack.folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert again.returncode == 1
    assert "a stack runs in" in again.stdout
    assert stack.file.exists()


@pytest.mark.parametrize("name", sorted(SERVERS))
def test_what_is_killed_comes_back(stack: LocalStack, name: str) -> None:
    stack.kill_one(name)
    file = stack.read()
    wait_for(lambda: all(says_200(f"{one.admin_url}/readyz") for one in file.services.values()), 60)
    again = re.compile(rf"{name} +is ready again")
    wait_for(lambda: again.search(stack.output.read_text()) is not None, 60)


def test_a_clean_stop_leaves_nothing_running_and_the_next_start_finds_everything(
    own_stack: LocalStack,
) -> None:
    first = own_stack.read()
    assert own_stack.stop(signal.SIGINT) == 0, own_stack.output.read_text()
    assert not own_stack.file.exists()
    assert not [pid for pid in first.processes.values() if is_running(pid)]
    second = own_stack.start()
    assert second.workspace_id == first.workspace_id
    assert second.login == first.login
    assert json.loads((own_stack.folder / "secrets.json").read_text())


def test_killed_outright_it_takes_its_programs_along(own_stack: LocalStack) -> None:
    pids = own_stack.read().processes.values()
    own_stack.stop(signal.SIGKILL)
    wait_for(lambda: not any(is_running(pid) for pid in pids), 60)
    own_stack.start()
