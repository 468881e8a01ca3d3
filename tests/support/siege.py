"""A demo under siege: traffic while a nemesis kills, then every check there is.

The fault tests' one story, in a short and a long edition.
"""

import asyncio
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass

from sluice_local.demo.options import Options
from sluice_local.demo.run import Step, run
from sluice_local.demo.verdict import Verdict
from support.ground_truth import broken_rules
from support.nemesis import Nemesis
from support.stack import LocalStack

TELL_EVERY_S = 5.0


@dataclass(frozen=True)
class Siege:
    """How it ended. `problems` is empty when every promise was kept."""

    seed: int
    took_s: float
    killed: str
    kills: int
    verdict: Verdict
    problems: list[str]

    def told(self) -> str:
        """The summary line of a run."""
        replies, counts = self.verdict.lines()
        return f"seed {self.seed} · {self.killed} · {counts} · {replies} · {self.took_s:.0f} s"


async def lay_siege(stack: LocalStack, options: Options, kills: int) -> Siege:
    """Kill while the demo runs; it ends when all has arrived, or with what has not."""
    began = time.monotonic()
    nemesis = Nemesis(stack, kills, options.seed)
    killing = asyncio.create_task(nemesis.run())
    try:
        verdict = await run(stack.read(), options, _Told().tell, lambda: nemesis.done)
    finally:
        if not nemesis.done:
            killing.cancel()
        await asyncio.wait([killing])
    killing.result()
    problems = [*verdict.wrong, *await broken_rules(stack.read())]
    deaths = stack.output.read_text().count(" died (")
    if deaths != kills:
        problems.append(f"{deaths} processes died, {kills} of them were killed")
    if verdict.failed:
        problems.append(f"{verdict.failed} replies failed")
    took_s = time.monotonic() - began
    siege = Siege(options.seed, took_s, nemesis.told(), kills, verdict, problems)
    say(siege.told())
    return siege


def say(line: str) -> None:
    """Seen with `pytest -s`, and in the report of a failure."""
    sys.stdout.write(f"\n{line}\n")
    sys.stdout.flush()


class _Told:
    """A line now and then, for whoever watches."""

    def __init__(self) -> None:
        self._at = 0.0

    def tell(self, step: Step) -> None:
        if time.monotonic() >= self._at + TELL_EVERY_S:
            self._at = time.monotonic()
            say(
                f"messages {step.messages} · replies {step.replies} · shown {step.shown}"
                f" · {step.waits_for}"
            )


HEADER = """# Fault runs

Written by `make faults`: the demo's traffic over real processes while a nemesis ends them with
`kill -9`, each in turn and then at random, and the supervisor starts them again. Afterwards the
emulator's ledger, visitors' own screens, the inbox over REST, a screen that stayed open, Postgres
and NATS must agree.
`unknown` are replies whose sender was killed between the call and its record: shown as such to a
person, never sent twice.
"""
COLUMNS = (
    "seed", "kills", "sent", "stored", "shown", "lost", "doubled", "unknown", "seconds",
)  # fmt: skip


def rows(sieges: Iterable[Siege]) -> list[list[object]]:
    """Of the table, as COLUMNS has it."""
    return [
        [
            siege.seed, siege.killed.removeprefix("kills "), siege.verdict.sent,
            siege.verdict.stored, siege.verdict.shown, siege.verdict.lost, siege.verdict.doubled,
            siege.verdict.unknown, round(siege.took_s),
        ]
        for siege in sieges
    ]  # fmt: skip
