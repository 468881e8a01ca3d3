"""Token buckets: how fast an account, a person and the app may be written to. Used by pace.py.

Each bucket is one number, the time at which it will be full again (the generic cell rate
algorithm). A take is all or nothing over the buckets of a send: their longest wait is reserved
when it is short, else nothing is taken. LocalBuckets knows this process alone; what several
processes share is in redis_buckets.py.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

from typing_extensions import override

from contracts.capabilities import Rates

BURST_S = 0.1
"""How much of a rate may go at once, so that a late process catches up. Of a pair: pair_burst."""
ALONE = 0.25
"""The share of a rate that a process takes when it cannot ask the others: enough for four."""
MAX_REMEMBERED = 100_000
"""Buckets of a process; the one longest unused is forgotten, which only lets it send."""


class Rate(NamedTuple):
    """A bucket: one take each `interval_s`, `burst` of them at once.

    `shared`: many processes take from it at a time. A person's is not: inbox-core lets one message
    of a conversation out at a time.
    """

    key: str
    interval_s: float
    burst: int
    shared: bool = True

    def share(self, share: float) -> "Rate":
        """The same bucket at a part of its rate, if others take from it."""
        if not self.shared:
            return self
        return Rate(self.key, self.interval_s / share, max(1, int(self.burst * share)))


class Buckets(Protocol):
    """Where the state of buckets is kept."""

    async def take(self, rates: Sequence[Rate], longest_s: float) -> float:
        """Seconds to wait before sending. Above `longest_s` nothing was taken: ask again then."""
        ...


class LocalBuckets(Buckets):
    """In this process' memory, at `share` of each rate."""

    def __init__(self, clock: Callable[[], float], share: float = ALONE) -> None:
        self._clock = clock
        self._share = share
        self._full_at: OrderedDict[str, float] = OrderedDict()

    @override
    async def take(self, rates: Sequence[Rate], longest_s: float) -> float:
        now, wait_s = self._clock(), 0.0
        taken: dict[str, float] = {}
        for rate in (rate.share(self._share) for rate in rates):
            full_at = max(self._full_at.get(rate.key, now), now)
            taken[rate.key] = full_at + rate.interval_s
            wait_s = max(wait_s, full_at - (rate.burst - 1) * rate.interval_s - now)
        if wait_s <= longest_s:
            for key, full_at in taken.items():
                self._full_at[key] = full_at
                self._full_at.move_to_end(key)
            while len(self._full_at) > MAX_REMEMBERED:
                self._full_at.popitem(last=False)
        return wait_s


def rates_of(
    rates: Rates, channel: str, account: str, pair: str, *, file: bool = False
) -> tuple[Rate, ...]:
    """The buckets a send takes from: the app's, the account's (for files its own), the person's."""
    scopes = (
        ("app", rates.app),
        (f"media:{account}", rates.media) if file and rates.media else (account, rates.account),
    )
    found = [
        Rate(f"{channel}:{scope}", 1 / rate, max(1, int(rate * BURST_S)))
        for scope, rate in scopes
        if rate
    ]
    if rates.pair:
        key = f"{channel}:{account}:{pair}"
        found.append(Rate(key, 1 / rates.pair, rates.pair_burst, shared=False))
    return tuple(found)
