"""Buckets that processes share, on a real Redis; and what a process does without it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis import Redis

from adapter.deliver.buckets import LocalBuckets, Rate
from adapter.deliver.redis_buckets import RETRY_S, RedisBuckets, open_buckets
from sluice_local.servers.redis import RedisServer
from support.waiting import eventually

PATIENT_S = 10.0
"""For an answer of Redis: here the machine may be busy, and nobody waits for the send."""

ACCOUNT = Rate("whatsapp:1", 3600, 5)
PERSON = Rate("whatsapp:1:ada", 3600, 2)
OTHER = Rate("whatsapp:1:bob", 3600, 2)


class Clock:
    """A loop's clock that moves when told."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def process(server: RedisServer, clock: Clock | None = None) -> AsyncIterator[RedisBuckets]:
    buckets = open_buckets(server.url, clock or Clock(), timeout_s=PATIENT_S)
    yield buckets
    await buckets.close()


async def test_two_processes_take_from_the_same_buckets(redis_server: RedisServer) -> None:
    async with process(redis_server) as one, process(redis_server) as two:
        waits = [await each.take([ACCOUNT, PERSON], 0) for each in (one, two, one)]
    assert waits[:2] == [0, 0]
    assert waits[2] == pytest.approx(3600, abs=30)


async def test_a_take_that_must_wait_takes_from_none(redis_server: RedisServer) -> None:
    async with process(redis_server) as one:
        for _ in range(10):
            await one.take([ACCOUNT, PERSON], 0)
        waits = [await one.take([ACCOUNT, OTHER], 0) for _ in range(2)]
        assert waits == [0, 0]
        assert await one.take([ACCOUNT], 0) == 0
        assert await one.take([ACCOUNT], 0) > 0


async def test_a_wait_that_is_short_enough_is_reserved(redis_server: RedisServer) -> None:
    slow = Rate("whatsapp:2", 10, 1)
    async with process(redis_server) as one:
        waits = [await one.take([slow], 60) for _ in range(4)]
    assert waits == [pytest.approx(place * 10, abs=5) for place in range(4)]


async def test_a_bucket_that_is_full_again_is_forgotten(redis_server: RedisServer) -> None:
    quick = Rate("whatsapp:3", 0.001, 1)
    async with process(redis_server) as one:
        await one.take([quick], 1)
        with Redis.from_url(redis_server.url) as client:
            await eventually(lambda: client.dbsize() == 0)


async def test_redis_and_memory_agree(redis_server: RedisServer) -> None:
    local = LocalBuckets(Clock(), share=1)
    takes = [[ACCOUNT, PERSON], [ACCOUNT, PERSON], [ACCOUNT, PERSON], [ACCOUNT, OTHER], [ACCOUNT]]
    async with process(redis_server) as shared:
        for rates in takes * 2:
            here = await local.take(rates, 0)
            assert await shared.take(rates, 0) == pytest.approx(here, abs=30)


async def test_without_redis_a_process_goes_on_alone_and_comes_back(
    own_redis: RedisServer,
) -> None:
    clock = Clock()
    async with process(own_redis, clock) as one:
        assert await one.take([ACCOUNT], 0) == 0
        await asyncio.to_thread(own_redis.kill)
        waits = [await one.take([ACCOUNT], 0) for _ in range(2)]
        assert waits == [0, pytest.approx(4 * 3600)]
        await asyncio.to_thread(own_redis.start)
        assert await one.take([ACCOUNT], 0) > 0
        clock.now += RETRY_S
        assert await one.take([ACCOUNT], 0) == 0
