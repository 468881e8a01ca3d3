"""The address limits count by: what trusted proxies say of it, and nobody else."""

from collections.abc import Sequence
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from chassis.addresses import caller_address, counted_as, networks, whole_address

TRUSTED = ("10.0.0.0/8", "fd00::/8")

ROWS: list[Any] = [
    # who connects, X-Forwarded-For, the caller
    ("203.0.113.7", [], "203.0.113.7"),
    ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
    ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
    ("10.0.0.1", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
    ("10.0.0.1", ["1.1.1.1", "198.51.100.1, 10.2.3.4"], "198.51.100.1"),
    ("10.0.0.1", ["10.9.9.9"], "10.9.9.9"),
    ("10.0.0.1", ["made up"], "10.0.0.1"),
    ("10.0.0.1", ["198.51.100.1, made up"], "10.0.0.1"),
    ("10.0.0.1", [""], "10.0.0.1"),
    ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
    ("fd00::1", ["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::/64"),
    ("2001:db8:1:2::99", [], "2001:db8:1:2::/64"),
    (None, ["198.51.100.1"], "unknown"),
    # Some proxies write the caller's port, too.
    ("10.0.0.1", ["198.51.100.1:51234"], "198.51.100.1"),
    ("10.0.0.1", ["198.51.100.1:51234, 10.2.3.4:80"], "198.51.100.1"),
    ("10.0.0.1", ["[2001:db8:1:2::7]:51234"], "2001:db8:1:2::/64"),
    ("10.0.0.1", ["[2001:db8:1:2::7]"], "2001:db8:1:2::/64"),
    ("10.0.0.1", ["[::ffff:198.51.100.1]:80"], "198.51.100.1"),
    ("10.0.0.1", ["198.51.100.1:port"], "10.0.0.1"),
    ("10.0.0.1", ["198.51.100.1:123456"], "10.0.0.1"),
    ("10.0.0.1", ["[198.51.100.1"], "10.0.0.1"),
    ("10.0.0.1", ["[]:80"], "10.0.0.1"),
]


def ignored() -> float:
    labels = {"stage": "forwarded", "outcome": "ignored", "reason": "peer_not_trusted"}
    return REGISTRY.get_sample_value("sluice_outcomes_total", labels) or 0


@pytest.mark.parametrize(("peer", "forwarded", "expected"), ROWS)
def test_the_caller(peer: str | None, forwarded: Sequence[str], expected: str) -> None:
    headers = CIMultiDict([("X-Forwarded-For", value) for value in forwarded])
    request = make_mocked_request("GET", "/", headers=headers).clone(remote=peer or "")
    assert caller_address(request, networks(TRUSTED)) == expected


@pytest.mark.parametrize(
    ("peer", "forwarded", "whole"),
    [
        ("10.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6"),
        ("::ffff:203.0.113.7", "", "203.0.113.7"),
        ("10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("", "203.0.113.7", "None"),
    ],
)
def test_the_whole_address(peer: str, forwarded: str, whole: str) -> None:
    request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": forwarded})
    assert str(whole_address(request.clone(remote=peer), networks(TRUSTED))) == whole


def test_an_address_nobody_knows_is_counted_too() -> None:
    assert counted_as(None) == "unknown"


def test_with_no_proxy_trusted_nobody_is_believed() -> None:
    request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": "1.1.1.1"})
    assert caller_address(request.clone(remote="10.0.0.1"), ()) == "10.0.0.1"


def test_a_proxy_that_was_forgotten_is_warned_of_once() -> None:
    """By its network: a caller who makes the header up is a person."""
    request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": "198.51.100.1"})
    before = ignored()
    with capture_logs() as logs:
        for peer in ("192.0.2.7", "192.0.2.8", "10.0.0.1"):
            whole_address(request.clone(remote=peer), networks(TRUSTED))
    assert ignored() == before + 2
    assert logs == [
        {
            "event": "forwarded_for_not_believed",
            "log_level": "warning",
            "peer": "192.0.2.0/24",
            "setting": "trusted_proxies",
        }
    ]


def test_a_setting_that_is_no_network_stops_the_start() -> None:
    with pytest.raises(ValueError, match="not appear to be"):
        networks(["the proxy"])
