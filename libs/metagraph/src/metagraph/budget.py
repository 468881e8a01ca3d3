"""How many errors of GET /media an account may still afford. Asked by whoever resolves media ids.

Meta blocks these calls for half an hour after 20 errors within an hour, so we stop a few short of
it: a burst of dead ids must not cost the files that are there. Errors alone count.
"""

import time
from collections import OrderedDict, deque
from collections.abc import Callable

LIMIT = 20
RESERVE = 5
WINDOW_S = 3600.0
MAX_ACCOUNTS = 10_000
"""Remembered; beyond that the account that erred longest ago is forgotten."""


class ErrorBudget:
    """Errors of each account within the window. `clock` gives seconds, never back.

    `limit` errors within `window_s` seconds are Meta's bound, `reserve` of them are not used.
    """

    def __init__(
        self,
        limit: int = LIMIT,
        reserve: int = RESERVE,
        window_s: float = WINDOW_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not 0 <= reserve < limit:
            raise ValueError("a reserve is smaller than the limit")
        self._usable = limit - reserve
        self._window_s = window_s
        self._clock = clock
        self._errors: OrderedDict[str, deque[float]] = OrderedDict()

    def allows(self, account: str) -> float:
        """Seconds to wait before the next call; 0: go."""
        errors = self._errors.get(account)
        if errors is None or len(errors) < self._usable:
            return 0.0
        return max(errors[0] + self._window_s - self._clock(), 0.0)

    def spend(self, account: str) -> None:
        """An error has just happened."""
        errors = self._errors.setdefault(account, deque(maxlen=self._usable))
        errors.append(self._clock())
        self._errors.move_to_end(account)
        while len(self._errors) > MAX_ACCOUNTS:
            self._errors.popitem(last=False)
