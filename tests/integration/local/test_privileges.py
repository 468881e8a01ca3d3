"""Where Postgres lives when we are root, and what becomes of folders on the way there."""

import os
import secrets
import shutil
import signal
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from sluice_local.servers import privileges
from sluice_local.servers.ports import free_port
from sluice_local.servers.postgres import PostgresServer
from sluice_local.servers.postgres_binaries import package_folder
from sluice_local.servers.privileges import Account
from support.servers import folder

STRANGER = Account(uid=65_000, gid=65_000)
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes who it is")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    with folder() as path:
        yield path


@pytest.mark.parametrize(
    ("closed", "enters"), [(None, True), (0o711, True), (0o755, True), (0o700, False)]
)
def test_who_may_enter(open_folder: Path, closed: int | None, enters: bool) -> None:  # noqa: FBT001 - a row
    inner = open_folder / "above" / "inner"
    inner.mkdir(parents=True)
    if closed is not None:
        inner.parent.chmod(closed)
    assert privileges.can_enter(inner, STRANGER) is enters


def test_who_is_not_root_stays_where_he_is(open_folder: Path) -> None:
    ours = open_folder / "postgres"
    assert privileges.home(ours, None) == ours
    assert mode(ours) == 0o700


def test_a_reachable_folder_is_opened_for_passing_through_only(open_folder: Path) -> None:
    ours = open_folder / "postgres"
    assert privileges.home(ours, STRANGER) == ours
    assert mode(ours) == 0o711


def test_a_copy_is_readable_whatever_the_original(open_folder: Path) -> None:
    source = open_folder / "source"
    (source / "bin").mkdir(parents=True)
    (source / "include").mkdir()
    program = source / "bin" / "postgres"
    program.write_text("#!")
    program.chmod(0o700)
    (source / "bin" / "data").write_text("")
    (source / "bin" / "data").chmod(0o600)
    source.chmod(0o700)
    copy = open_folder / "copy"
    privileges.readable_copy(source, copy)
    assert privileges.can_run(copy / "bin" / "postgres", STRANGER)
    assert mode(copy / "bin" / "data") == 0o644
    assert not (copy / "include").exists()
    assert mode(source) == 0o700


@root_only
def test_below_a_closed_folder_postgres_lives_elsewhere_and_is_found_again(
    open_folder: Path,
) -> None:
    above = open_folder / "closed"
    above.mkdir(mode=0o700)
    password, port = secrets.token_hex(8), free_port()
    server = PostgresServer(above / "postgres", port, password)
    try:
        assert above not in server.home.parents
        server.start()
        server.sql("CREATE TABLE kept ()")
        server.stop()
        again = PostgresServer(above / "postgres", port, password)
        assert again.home == server.home
        again.start()
        assert again.sql("SELECT count(*) FROM kept") == "0"
        again.stop(signal.SIGQUIT)
        assert mode(above) == 0o700
    finally:
        server.kill()
        shutil.rmtree(server.home)


@root_only
def test_programs_in_a_closed_environment_are_copied_and_run(
    open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = open_folder / "closed"
    environment.mkdir(mode=0o700)
    package = package_folder()
    shutil.copytree(package, environment / package.name)
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, environment / libraries.name)
    monkeypatch.syspath_prepend(str(environment))
    server = PostgresServer(open_folder / "postgres", free_port(), "secret")
    assert Path(server.program.argv[0]).is_relative_to(server.home)
    try:
        server.start()
        assert server.sql("SELECT 1") == "1"
    finally:
        server.stop(signal.SIGQUIT)
    assert mode(environment) == 0o700
