"""`kill -9` under the demo's traffic: nothing lost, nothing doubled, nothing silently unknown."""

from pathlib import Path

import pytest

from sluice_local.demo.options import Options
from support.siege import Siege, lay_siege, say, write_results
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
    sieges: list[Siege] = []
    for seed in option("--seeds", None) or SEEDS:
        options = Options(
            messages=50 * kills, contacts=200, replies=10 * kills, seed=seed,
            over_s=4.0 * kills, settle_s=300,
        )  # fmt: skip
        with running_stack() as stack:
            sieges.append(await lay_siege(stack, options, kills))
    if path is not None:
        write_results(path, sieges)
        say(f"written: {path}")
    assert [problem for siege in sieges for problem in siege.problems] == []
    assert all(siege.verdict.agrees for siege in sieges)
