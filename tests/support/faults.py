"""Deaths that everybody in a test shares: `kill -9`, and the supervisor starts it again.

    await faults.strike("nats")       # returns when another process has its place

Several visitors that ask for the same death within SHARED_S get the same one, and no program dies
so often that `sluice-local` gives it up: whoever asks too often waits.
"""

import asyncio
import time
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field

from sluice_local.supervisor import RESTARTS, WITHIN_S
from support.stack import LocalStack

SHARED_S = 15.0
MOST = RESTARTS - 1
MARGIN_S = 5.0


@dataclass(eq=False)
class Faults:
    """Of one stack. `struck`: name of a program → how often it died by us."""

    stack: LocalStack
    struck: Counter[str] = field(default_factory=Counter)
    _turns: defaultdict[str, asyncio.Lock] = field(
        default_factory=lambda: defaultdict(asyncio.Lock)
    )
    _deaths: defaultdict[str, deque[float]] = field(
        default_factory=lambda: defaultdict(lambda: deque(maxlen=MOST))
    )

    async def strike(self, name: str, *, shared: bool = True) -> None:
        """Let it die, and wait for its successor. `shared`: a death just now counts as this one."""
        async with self._turns[name]:
            deaths = self._deaths[name]
            if shared and deaths and time.monotonic() - deaths[-1] < SHARED_S:
                return
            if len(deaths) == MOST:
                bearable = deaths[0] + WITHIN_S + MARGIN_S
                await asyncio.sleep(max(0.0, bearable - time.monotonic()))
            deaths.append(time.monotonic())
            self.struck[name] += 1
            await asyncio.to_thread(self.stack.kill_one, name)
