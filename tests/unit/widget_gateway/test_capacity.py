"""Capacity: as many sockets as the system gives files for, and never silently fewer than asked."""

import resource
from collections.abc import Iterator
from typing import Any

import pytest

from chassis.settings import EXIT_WRONG_SETTINGS
from vault.keyring import KeyRing
from widget_gateway import capacity
from widget_gateway.capacity import SPARE, fitting
from widget_gateway.settings import DELIVER, Settings

RING = KeyRing.new("channels", "test").dump()
HARD = resource.getrlimit(resource.RLIMIT_NOFILE)[1]


@pytest.fixture(autouse=True)
def soft() -> Iterator[None]:
    """As a shell gives them out: fewer than there may be."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, HARD), HARD))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def settings(**more: Any) -> Settings:
    return Settings(
        nats_url="nats://x",
        vault_keys_channels=RING,
        vault_keys_visitors=RING,
        files_url="memory:///",
        **more,
    )


def test_all_files_there_may_be_are_allowed() -> None:
    assert fitting(settings(sockets_max=1)).sockets_max == 1
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == (HARD, HARD)


def test_a_number_nobody_chose_is_lowered_to_what_fits() -> None:
    assert capacity.lowered(settings(), SPARE + 3000).sockets_max == 3000
    assert capacity.lowered(settings(), SPARE + 10_000).sockets_max == 10_000


@pytest.mark.parametrize(
    ("chosen", "files"),
    [({"sockets_max": 3001}, SPARE + 3000), ({}, SPARE)],
    ids=["chosen", "none"],
)
def test_what_cannot_be_held_is_said_at_the_start(
    chosen: dict[str, int], files: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        capacity.lowered(settings(**chosen), files)
    assert ended.value.code == EXIT_WRONG_SETTINGS
    assert f"allows a process {files}" in capsys.readouterr().err


def test_who_opens_no_door_needs_none() -> None:
    fitting(settings(sockets_max=1_000_000, roles={DELIVER}))
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(1024, HARD)
