"""Who must wait: a rate per phone number, and pauses that Graph's errors ask for.

All in this process' memory, as the fallback it is: inbox-core schedules by the announced rate, and
what two processes send too much Graph refuses and they pause.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from prometheus_client import Counter

from metagraph.errors import GraphError

RATE = 80.0
"""Messages a second and phone number: what Meta grants every number at first."""
MAX_ACCOUNTS = 10_000
"""Remembered at once; the ones longest unused are forgotten first, which only lets them send."""

MIN_PAUSE_S = 1.0
MAX_PAUSE_S = 300.0
PAUSE_S = 60.0
"""For errors that stay until a person acts: one command a minute finds out whether one has."""

EVERYBODY = ""

PAUSES = Counter("sluice_send_pauses_total", "Pauses of accounts and of the app", ("reason",))


class Pace:
    """One for the process. `clock` is the event loop's."""

    def __init__(
        self,
        clock: Callable[[], float],
        rate: float = RATE,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._interval_s = 1 / rate
        self._next: OrderedDict[str, float] = OrderedDict()
        self._paused: OrderedDict[tuple[str, int], float] = OrderedDict()

    async def turn(self, account: str) -> None:
        """Wait for the account's next turn; turns are spread evenly."""
        now = self._clock()
        at = max(now, self._next.pop(account, now))
        self._next[account] = at + self._interval_s
        if len(self._next) > MAX_ACCOUNTS:
            self._next.popitem(last=False)
        if at > now:
            await self._sleep(at - now)

    def pause_left_s(self, account: str, version: int) -> float:
        """Seconds this account must still wait, 0 for none.

        A pause belongs to a version of the account's record: a new credential ends it at once.
        """
        now = self._clock()
        until = max(self._paused.get(key, 0.0) for key in ((account, version), (EVERYBODY, 0)))
        return max(0.0, until - now)

    def heed(self, error: GraphError, account: str, version: int) -> None:
        """Pause what the error reaches; most reach one message only."""
        scope, rule = error.rule.scope, error.rule
        if scope not in {"account", "app"} or not (rule.pause or rule.retry):
            return
        asked_s = PAUSE_S if rule.delay_s is None else rule.delay_s
        until = self._clock() + min(max(asked_s, MIN_PAUSE_S), MAX_PAUSE_S)
        key = (EVERYBODY, 0) if scope == "app" else (account, version)
        self._paused[key] = max(until, self._paused.pop(key, 0.0))
        if len(self._paused) > MAX_ACCOUNTS:
            self._paused.popitem(last=False)
        PAUSES.labels(rule.kind).inc()
