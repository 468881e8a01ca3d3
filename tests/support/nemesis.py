"""Whoever kills processes: `kill -9`, each victim in turn and then at random, all from one seed.

Ends only processes of its own stack, by the ids in stack.json. It keeps below the number of deaths
at which `sluice-local` gives a program up, for that is a different story.
"""

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sluice_local.supervisor import RESTARTS, WITHIN_S
from support.stack import LocalStack

VICTIMS = ("ingest-whatsapp", "inbox-core", "nats", "postgres")
PAUSE_S = (0.2, 2.5)
MOST = RESTARTS - 1
"""Of one program within WITHIN_S."""
MARGIN_S = 5.0


@dataclass
class Nemesis:
    """`run` kills so often; `killed` says whom."""

    stack: LocalStack
    kills: int
    seed: int
    victims: Sequence[str] = VICTIMS
    killed: Counter[str] = field(default_factory=Counter)
    done: bool = False
    _recent: dict[str, deque[float]] = field(default_factory=dict)

    async def run(self) -> None:
        """Pause, kill, wait until the victim was started again, and so on."""
        chance = random.Random(self.seed)
        try:
            for name in self._order(chance):
                await asyncio.sleep(chance.uniform(*PAUSE_S))
                await self._spare(name)
                await asyncio.to_thread(self.stack.kill_one, name)
                self.killed[name] += 1
        finally:
            self.done = True

    def _order(self, chance: random.Random) -> Iterator[str]:
        for place in range(self.kills):
            yield self.victims[place] if place < len(self.victims) else chance.choice(self.victims)

    async def _spare(self, name: str) -> None:
        """Wait until another death of this one is within what the supervisor bears."""
        recent = self._recent.setdefault(name, deque(maxlen=MOST))
        if len(recent) == MOST:
            await asyncio.sleep(max(0.0, recent[0] + WITHIN_S + MARGIN_S - time.monotonic()))
        recent.append(time.monotonic())

    def told(self) -> str:
        """For the summary."""
        each = ", ".join(f"{name} {count}" for name, count in sorted(self.killed.items()))
        return f"kills {self.killed.total()} ({each})"
