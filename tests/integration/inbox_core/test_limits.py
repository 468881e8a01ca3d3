"""Limits in a real Redis: shared by replicas, and what holds when Redis is not there."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from inbox_core.adapters.redis.limits import PAUSE_S, RedisLimiter, open_redis
from inbox_core.app.limits import Limit
from sluice_local.servers.redis import RedisServer

LIMIT = Limit("test", burst=8, refill_s=60)


@pytest.fixture
async def redis(redis_server: RedisServer) -> AsyncIterator[Redis]:
    client = open_redis(redis_server.url)
    yield client
    await client.aclose()


async def test_replicas_share_a_bucket(redis: Redis) -> None:
    replicas = [RedisLimiter(redis) for _ in range(3)]
    waits = [await replicas[n % 3].take(LIMIT, "203.0.113.7") for n in range(9)]
    assert waits[:8] == [0.0] * 8
    assert 0 < waits[8] <= 60 / 8
    assert await replicas[0].take(LIMIT, "203.0.113.8") == 0


async def test_a_bucket_fills_again(redis: Redis) -> None:
    limiter, quick = RedisLimiter(redis), Limit("quick", burst=1, refill_s=0.2)
    assert await limiter.take(quick, "a") == 0
    wait_s = await limiter.take(quick, "a")
    deadline = time.monotonic() + 10
    while wait_s > 0 and time.monotonic() < deadline:
        await asyncio.sleep(wait_s)
        wait_s = await limiter.take(quick, "a")
    assert wait_s == 0


async def test_redis_keeps_no_address_and_forgets(redis: Redis) -> None:
    await RedisLimiter(redis).take(LIMIT, "ana@sluice.example")
    [key] = await redis.keys("*")
    assert b"ana" not in key
    assert 0 < await redis.pttl(key) <= 60_000


async def test_without_redis_a_process_counts_a_quarter_and_asks_again_later(
    own_redis: RedisServer,
) -> None:
    now = 1000.0
    client = open_redis(own_redis.url)
    limiter = RedisLimiter(client, clock=lambda: now)
    assert await limiter.take(LIMIT, "a") == 0
    await asyncio.to_thread(own_redis.kill)
    waits = [await limiter.take(LIMIT, "a") for _ in range(3)]
    assert waits[:2] == [0.0, 0.0]
    assert waits[2] > 0
    await asyncio.to_thread(own_redis.start)
    assert await limiter.take(LIMIT, "a") > 0, "not asked before the pause is over"
    now += PAUSE_S
    assert [await limiter.take(LIMIT, "a") for _ in range(8)] == [0.0] * 8
    await client.aclose()


async def test_a_redis_that_says_nothing_is_not_waited_for(own_redis: RedisServer) -> None:
    client = open_redis(own_redis.url)
    limiter = RedisLimiter(client)
    await limiter.take(LIMIT, "a")
    assert own_redis.pid is not None
    os.kill(own_redis.pid, signal.SIGSTOP)
    try:
        async with asyncio.timeout(30):
            waits = [await limiter.take(LIMIT, "a") for _ in range(3)]
    finally:
        os.kill(own_redis.pid, signal.SIGCONT)
    assert waits[2] > 0
    await client.aclose()
