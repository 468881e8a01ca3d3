"""Limits: what one key takes is not taken from another."""

import pytest
from pydantic import ValidationError

from adapter.deliver.buckets import LocalBuckets
from support.clock import Clock
from vault.keyring import KeyRing
from widget_gateway.limits import LIMITS, Limiter
from widget_gateway.settings import Settings

RING = KeyRing.new("channels", "test").dump()


def settings(**more: object) -> Settings:
    needed = {
        "nats_url": "nats://x",
        "vault_keys_channels": RING,
        "vault_keys_visitors": RING,
        "files_url": "memory:///",
    }
    return Settings(**{**needed, **more})  # type: ignore[arg-type] # as the environment gives them


async def test_a_burst_then_a_rate() -> None:
    clock = Clock()
    buckets = LocalBuckets(clock, share=1.0)
    limiter = Limiter(buckets, buckets, {"messages": (3, 2.0)})
    assert [await limiter.take("messages", "v") for _ in range(3)] == [0, 0, 0]
    wait_s = await limiter.take("messages", "v")
    assert wait_s == pytest.approx(0.5)
    assert await limiter.take("messages", "w") == 0
    assert await limiter.take("frames", "v") == 0
    clock.forward(wait_s)
    assert await limiter.take("messages", "v") == 0
    assert await limiter.take("messages", "v") > 0


async def test_more_at_once_is_counted_as_more() -> None:
    clock = Clock()
    buckets = LocalBuckets(clock, share=1.0)
    limiter = Limiter(buckets, buckets, {"text": (8, 2.0)})
    assert [await limiter.take("text", "a", 4) for _ in range(2)] == [0, 0]
    assert await limiter.take("text", "a") == pytest.approx(0.5)
    assert await limiter.take("text", "a", 4) == pytest.approx(2.0)
    assert await limiter.take("text", "b", 100) == 0
    assert await limiter.take("text", "b", 100) == pytest.approx(50.0)


async def test_what_one_process_alone_counts_is_asked_of_nobody() -> None:
    clock = Clock()
    shared, here = LocalBuckets(clock, share=1.0), LocalBuckets(clock, share=1.0)
    limiter = Limiter(shared, here)
    for name, limit in LIMITS.items():
        taken = [await limiter.take(name, "k") for _ in range(limit.burst + 1)]
        assert not any(taken[:-1]), name
        assert taken[-1] > 0, name


def test_rows_may_be_replaced_by_a_setting() -> None:
    assert settings(limits={"sessions": [5, 0.5]}).limits == {"sessions": (5, 0.5)}
    for wrong in ({"nothing": [1, 1]}, {"sessions": [0, 1]}, {"sessions": [1, 0]}):
        with pytest.raises(ValidationError):
            settings(limits=wrong)


@pytest.mark.parametrize(
    ("roles", "missing", "fails"),
    [
        ({"receive"}, "vault_keys_visitors", True),
        ({"receive"}, "vault_keys_channels", True),
        ({"deliver"}, "vault_keys_channels", True),
        ({"deliver"}, "vault_keys_visitors", False),
        ({"receive"}, "files_url", True),
        ((), "vault_keys_visitors", True),
    ],
)
def test_a_role_names_what_it_lacks(roles: object, missing: str, fails: bool) -> None:  # noqa: FBT001 - a row
    if fails:
        with pytest.raises(ValidationError, match=missing):
            settings(**{"roles": roles, missing: " "})
    else:
        assert settings(**{"roles": roles, missing: " "}).roles == roles


def test_proxies_are_networks_and_the_origin_has_no_path() -> None:
    assert settings(trusted_proxies='["10.0.0.0/8"]').trusted_proxies == ("10.0.0.0/8",)
    for wrong in ({"trusted_proxies": "proxy"}, {"public_origin": "https://a.example/x"}):
        with pytest.raises(ValidationError):
            settings(**wrong)
