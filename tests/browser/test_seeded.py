"""Seeded talks under faults: no word lost, doubled or out of order, on either side.

Several visitors talk at once in one browser, each with a script of their own seed, and share the
moments in which the gateway or NATS dies. The long run: `make widget-runs`.
"""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from browser.figures import COLUMNS, HEADER, Batch, rows
from browser.outcome import settled
from browser.talks import Step, Talk, script
from support.faults import Faults
from support.results import begin
from support.siege import say
from support.visits import Channel, Visits

SEEDS = range(1, 11)
SHORT_OFFLINE_S = (0.5, 2.0)
AT_ONCE = 5
A_MINUTE = [
    Step("talk", says=1, answers=1),
    Step("offline", says=3, answers=3, seconds=60.0),
    Step("talk", says=1, answers=1),
]
RUNS = 200
HOURS_S = 4 * 3600


@dataclass
class Held:
    """How a talk ended."""

    talk: Talk
    wrong: list[str]


async def hold(visits: Visits, shop: Channel, faults: Faults, seed: int, steps: list[Step]) -> Held:
    """One talk from its first word until all is quiet; what it complains of counts as wrong."""
    visitor = await visits.visitor(shop)
    talk = Talk(seed, visitor, visits.world, faults)
    try:
        await talk.hold(steps)
        await talk.found()
        wrong = [*await settled(talk), *await visitor.complaints()]
    except BaseException as error:  # named, so that the seed is told, and raised again
        error.add_note(talk.told())
        raise
    if not wrong:
        await visitor.leave()
    return Held(talk, wrong)


async def hold_all(
    visits: Visits, faults: Faults, scripts: dict[int, list[Step]], at_once: int = AT_ONCE
) -> list[Held]:
    """All of them, so many at once."""
    shop = await visits.channel()
    turns = asyncio.Semaphore(at_once)

    async def one(seed: int, steps: list[Step]) -> Held:
        async with turns:
            return await hold(visits, shop, faults, seed, steps)

    async with asyncio.TaskGroup() as talks:
        tasks = [talks.create_task(one(seed, steps)) for seed, steps in scripts.items()]
    return [task.result() for task in tasks]


def judged(held: list[Held]) -> None:
    """Fails with the seeds, their steps and what is wrong."""
    bad = [one for one in held if one.wrong]
    told = "\n\n".join("\n".join([one.talk.told(), *one.wrong]) for one in bad)
    assert not bad, f"{len(bad)} of {len(held)} talks went wrong:\n{told}"


async def test_ten_talks_under_faults(visits: Visits, faults: Faults) -> None:
    scripts = {seed: script(seed, offline_s=SHORT_OFFLINE_S) for seed in SEEDS}
    judged(await hold_all(visits, faults, scripts))


@pytest.mark.soak
@pytest.mark.timeout(HOURS_S)
async def test_many_talks_under_faults(
    visits: Visits, faults: Faults, request: pytest.FixtureRequest
) -> None:
    option = request.config.getoption  # known only when this folder was asked for by name
    first: int = option("--seed", None) or 1
    runs: int = option("--runs", None) or RUNS
    path: Path | None = option("--figures", None)
    figures = await asyncio.to_thread(begin, path, HEADER, request.config) if path else None
    batches: list[Batch] = []
    for start in range(first, first + runs, len(SEEDS)):
        seeds = range(start, min(start + len(SEEDS), first + runs))
        scripts = {seed: script(seed) for seed in seeds}
        if start == first:
            scripts |= {0: A_MINUTE}
        began, struck = time.monotonic(), faults.struck.copy()
        held = await hold_all(visits, faults, scripts, at_once=len(scripts))
        batch = Batch(
            seeds=f"{seeds[0]} to {seeds[-1]}" + (", a minute offline" if 0 in scripts else ""),
            said=sum(len(one.talk.said) for one in held),
            answered=sum(len(one.talk.answered) for one in held),
            steps=[step for one in held for step in one.talk.done],
            struck=faults.struck - struck,
            wrong=sum(bool(one.wrong) for one in held),
            took_s=time.monotonic() - began,
        )
        batches.append(batch)
        say(batch.told())
        if figures is not None:
            await asyncio.to_thread(figures.note, COLUMNS, rows(batches))
        judged(held)
        visits.forget()
    if figures is not None:
        await asyncio.to_thread(figures.keep)


async def test_a_script_is_its_seed_for_ever() -> None:
    assert script(3) == script(3)
    assert len({tuple(script(seed)) for seed in range(50)}) == 50
