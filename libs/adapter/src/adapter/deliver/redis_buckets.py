"""Token buckets that all processes of a cell share, in Redis. Used by pace.py where there is one.

Redis is never the only copy of anything: without it each process goes on at a share of the rates
(buckets.LocalBuckets), and what it sends too much Graph refuses and it pauses.
"""

import asyncio
from collections.abc import Callable, Sequence
from importlib.resources import files

import structlog
from prometheus_client import Counter
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from typing_extensions import override

from adapter.deliver.buckets import Buckets, LocalBuckets, Rate

TIMEOUT_S = 0.25
"""For Redis' answer: a send does not wait longer to learn whether it must wait."""
RETRY_S = 5.0
"""Between two tries of a Redis that is away."""
PREFIX = "sluice:pace:{pace}:"
"""The braces hold all buckets in one slot of a cluster: a take spans the app, an account and a
person, and is atomic."""

TAKE = files("adapter.deliver").joinpath("take.lua").read_text()

ALONE = Counter("sluice_send_paced_alone_total", "Sends paced without Redis, which was away")

log = structlog.get_logger()


class RedisBuckets(Buckets):
    """Made by `open_buckets`. `clock` is the event loop's."""

    def __init__(self, redis: Redis, clock: Callable[[], float], timeout_s: float) -> None:
        self._script = redis.register_script(TAKE)
        self._alone = LocalBuckets(clock)
        self._clock = clock
        self._away_until = 0.0
        self._redis = redis
        self._timeout_s = timeout_s

    @override
    async def take(self, rates: Sequence[Rate], longest_s: float) -> float:
        if self._clock() >= self._away_until:
            try:
                return await self._ask(rates, longest_s)
            except (RedisError, OSError, TimeoutError) as error:
                self._away_until = self._clock() + RETRY_S
                log.warning("redis_away", why=type(error).__name__)
        ALONE.inc()
        return await self._alone.take(rates, longest_s)

    async def _ask(self, rates: Sequence[Rate], longest_s: float) -> float:
        arguments = [_micros(longest_s)]
        for rate in rates:
            arguments += [_micros(rate.interval_s), rate.burst]
        async with asyncio.timeout(self._timeout_s):
            waits = await self._script(keys=[PREFIX + rate.key for rate in rates], args=arguments)
        return int(waits) / 1e6

    async def close(self) -> None:
        await self._redis.aclose()


def open_buckets(
    url: str, clock: Callable[[], float], timeout_s: float = TIMEOUT_S
) -> RedisBuckets:
    """Connects when it is first asked, and again whenever that is needed."""
    redis = Redis.from_url(
        url,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
    )
    return RedisBuckets(redis, clock, timeout_s)


def _micros(seconds: float) -> int:
    return round(seconds * 1e6)
