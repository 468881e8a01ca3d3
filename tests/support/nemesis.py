"""Whoever kills processes: `kill -9`, each victim in turn and then at random, all from one seed.

Ends only processes of its own stack, by the ids in stack.json. It keeps below the number of deaths
at which `sluice-local` gives a program up, for that is a different story.
"""

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from sluice_local.supervisor import RESTARTS, WITHIN_S
from support.stack import LocalStack

VICTIMS = (
    "ingest-whatsapp", "ingest-meta", "widget-gateway", "inbox-core", "nats", "postgres",
)  # fmt: skip
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
    _deaths: dict[str, deque[float]] = field(default_factory=dict)

    async def run(self) -> None:
        """Pause, kill, wait until the victim was started again, and so on."""
        chance = random.Random(self.seed)
        try:
            for place in range(self.kills):
                await asyncio.sleep(chance.uniform(*PAUSE_S))
                in_turn = self.victims[place : place + 1]
                name = await self._choose(in_turn or self.victims, chance)
                await asyncio.to_thread(self.stack.kill_one, name)
                self.killed[name] += 1
        finally:
            self.done = True

    async def _choose(self, names: Sequence[str], chance: random.Random) -> str:
        """One of those whose next death `sluice-local` bears; when there is none, wait."""
        first = min(self._bearable_at(name) for name in names)
        await asyncio.sleep(max(0.0, first - time.monotonic()))
        now = time.monotonic()
        name = chance.choice([name for name in names if self._bearable_at(name) <= now])
        self._deaths.setdefault(name, deque(maxlen=MOST)).append(now)
        return name

    def _bearable_at(self, name: str) -> float:
        deaths = self._deaths.get(name)
        if deaths is None or len(deaths) < MOST:
            return 0.0
        return deaths[0] + WITHIN_S + MARGIN_S

    def told(self) -> str:
        """For the summary."""
        each = ", ".join(f"{name} {count}" for name, count in sorted(self.killed.items()))
        return f"kills {self.killed.total()} ({each})"
