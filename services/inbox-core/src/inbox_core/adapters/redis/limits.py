"""Limits counted in Redis, so that all replicas count together: app.limits.Limiter.

Redis may be absent or away. Then each process counts for itself at a quarter of the limit, and
asks Redis again only after a pause: a login must not wait for a server that is not there.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files

import structlog
from prometheus_client import Counter
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from inbox_core.app.limits import Limit

TIMEOUT_S = 0.25
PAUSE_S = 5.0
SHARE = 4
MAX_BUCKETS = 10_000

TAKEN = Counter(
    "sluice_limit_taken_total",
    "Tokens asked of a limit, by what counted and what became of it",
    ("limit", "counted_by", "outcome"),
)
"""`counted_by`: redis or process. `outcome`: allowed or refused."""

log = structlog.get_logger()


def open_redis(url: str) -> Redis:
    """A client that fails fast. Connects on first use; close it with `aclose()`."""
    client: Redis = Redis.from_url(
        url,
        socket_timeout=TIMEOUT_S,
        socket_connect_timeout=TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        max_connections=16,
    )
    return client


class RedisLimiter:
    """`redis` None: every limit is counted in this process."""

    def __init__(self, redis: Redis | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._closed_until = 0.0
        self._local = LocalBuckets(clock)
        self._script = redis.register_script(_source()) if redis is not None else None

    async def take(self, limit: Limit, key: str) -> float:
        """Take one token; 0 when there was one, else the seconds until there is."""
        wait_s = await self._take_shared(limit, key)
        counted_by = "redis"
        if wait_s is None:
            counted_by, wait_s = "process", self._local.take(limit, key)
        TAKEN.labels(limit.name, counted_by, "refused" if wait_s else "allowed").inc()
        return wait_s

    async def _take_shared(self, limit: Limit, key: str) -> float | None:
        """None when Redis cannot be asked."""
        if self._script is None or self._clock() < self._closed_until:
            return None
        # The bucket's name holds no address of a person.
        name = f"limit:{limit.name}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
        try:
            waited = await self._script(keys=[name], args=[limit.burst, limit.refill_s])
        except (RedisError, OSError) as error:  # TimeoutError is an OSError
            self._closed_until = self._clock() + PAUSE_S
            log.warning("limits_fell_back", why=type(error).__name__)
            return None
        return float(waited) / 1000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class LocalBuckets:
    """Token buckets of this process, at a share of the limit; the longest unused go first."""

    def __init__(self, clock: Callable[[], float], most: int = MAX_BUCKETS) -> None:
        self._clock = clock
        self._most = most
        self._buckets: OrderedDict[tuple[str, str], _Bucket] = OrderedDict()

    def take(self, limit: Limit, key: str) -> float:
        burst = max(1, limit.burst // SHARE)
        per_s = burst / limit.refill_s
        now = self._clock()
        bucket = self._buckets.pop((limit.name, key), None) or _Bucket(burst, now)
        self._buckets[limit.name, key] = bucket
        if len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        bucket.tokens = min(burst, bucket.tokens + (now - bucket.at) * per_s)
        bucket.at = now
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / per_s
        bucket.tokens -= 1
        return 0.0


def _source() -> str:
    return (files("inbox_core.adapters.redis") / "token_bucket.lua").read_text(encoding="utf-8")
