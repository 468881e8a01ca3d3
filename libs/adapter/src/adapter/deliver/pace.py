"""Who must wait: the rates of a channel type, and pauses that Graph's errors ask for.

Rates are kept in buckets (buckets.py); pauses are this process' own, because every process learns
of them by its first refused call. Used by sender.py and actions.py.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection

from prometheus_client import Counter

from adapter.deliver.buckets import Buckets, rates_of
from contracts.capabilities import Capabilities
from contracts.ids import digest
from contracts.parts import Alias
from metagraph.errors import GraphError

HOLD_S = 2.0
"""A wait up to this is waited in hand; a longer one sends the command back."""
MAX_PAUSES = 10_000
"""Remembered at once; the oldest are forgotten first, which only lets them send."""

MIN_PAUSE_S = 1.0
MAX_PAUSE_S = 300.0
PAUSE_S = 60.0
"""For errors that stay until a person acts: one command a minute finds out whether one has."""

EVERYBODY = ("", "", 0)
NOBODY = ""

PAUSES = Counter("sluice_send_pauses_total", "Pauses of people, accounts and the app", ("reason",))


class Pace:
    """One for a channel type in a process. `clock` is the event loop's."""

    def __init__(
        self,
        can: Capabilities,
        buckets: Buckets,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._can = can
        self._buckets = buckets
        self._clock = clock
        self._sleep = sleep
        self._paused: OrderedDict[tuple[str, str, int], float] = OrderedDict()

    async def turn(self, account: str, pair: str, *, file: bool = False) -> float:
        """Wait for a turn to write to this person: 0. Seconds, when it is too long to wait here."""
        rates = rates_of(self._can.rates, self._can.channel, account, pair, file=file)
        wait_s = await self._buckets.take(rates, HOLD_S)
        if wait_s > HOLD_S:
            return wait_s
        if wait_s > 0:
            await self._sleep(wait_s)
        return 0.0

    def pause_left_s(self, account: str, version: int, pair: str = NOBODY) -> float:
        """Seconds this account, or this person of it, must still wait; 0 for none.

        A pause belongs to a version of the account's record: a new credential ends it at once.
        """
        keys = (EVERYBODY, (account, NOBODY, version), (account, pair, version))
        return max(0.0, max(self._paused.get(key, 0.0) for key in keys) - self._clock())

    def heed(self, error: GraphError, account: str, version: int, pair: str = NOBODY) -> None:
        """Pause what the error reaches; most reach one message only."""
        rule = error.rule
        scopes = {
            "app": EVERYBODY,
            "account": (account, NOBODY, version),
            "recipient": (account, pair, version) if pair else None,
        }
        key = scopes.get(rule.scope)
        if key is None or not (rule.pause or rule.retry):
            return
        asked_s = PAUSE_S if rule.delay_s is None else rule.delay_s
        until = self._clock() + min(max(asked_s, MIN_PAUSE_S), MAX_PAUSE_S)
        self._paused[key] = max(until, self._paused.pop(key, 0.0))
        if len(self._paused) > MAX_PAUSES:
            self._paused.popitem(last=False)
        PAUSES.labels(rule.kind).inc()


def pair_of(aliases: Collection[Alias]) -> str:
    """The person as a key of buckets and pauses: no number or name stands in Redis."""
    first = next(iter(aliases))
    return digest(f"{first.kind}:{first.value}".encode())
