"""`kill -9` under the demo's traffic: nothing lost, nothing doubled, nothing silently unknown."""

import asyncio
from pathlib import Path

import pytest

from sluice_local.demo.options import Options
from support.results import begin
from support.siege import COLUMNS, HEADER, Siege, lay_siege, rows, say
from support.stack import LocalStack, running_stack

KILLS = 40
SEEDS = (1, 2)


async def test_each_process_killed_in_turn_and_some_at_random(own_stack: LocalStack) -> None:
    options = Options(messages=600, contacts=60, replies=60, seed=20, over_s=18)
    siege = await lay_siege(own_stack, options, kills=8)
    assert siege.problems == []
    assert siege.verdict.agrees


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_many_kills(request: pytest.FixtureRequest) -> None:
    """A fresh stack for each seed; the figures go to --results."""
    option = request.config.getoption  # known only when this folder was asked for by name
    kills: int = option("--kills", None) or KILLS
    path: Path | None = option("--results", None)
    results = await asyncio.to_thread(begin, path, HEADER, request.config) if path else None
    sieges: list[Siege] = []
    for seed in option("--seeds", None) or SEEDS:
        options = Options(
            messages=50 * kills, contacts=200, replies=10 * kills, seed=seed,
            over_s=4.0 * kills, settle_s=300,
        )  # fmt: skip
        with running_stack() as stack:
            sieges.append(await lay_siege(stack, options, kills))
        if results is not None:
            await asyncio.to_thread(results.note, COLUMNS, rows(sieges))
    assert [problem for siege in sieges for problem in siege.problems] == []
    assert all(siege.verdict.agrees for siege in sieges)
    if results is not None:
        await asyncio.to_thread(results.keep)
        say(f"written: {path}")
