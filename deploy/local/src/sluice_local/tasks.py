"""The commands that run once before the services: streams, migrations, the first workspace."""

import subprocess
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from sluice_local.errors import DidNotStart
from sluice_local.plan import script
from sluice_local.stack_file import Seeded

DEADLINE_S = 120.0
QUOTED_LINES = 12


def run(name: str, *words: str, env: Mapping[str, str], log: Path) -> str:
    """Run a console script to its end; answers its stdout. Raises DidNotStart, quoting stderr."""
    command = " ".join((name, *words))
    try:
        done = subprocess.run(
            [script(name), *words],
            env=dict(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise DidNotStart(f"{command} was not done within {DEADLINE_S:.0f} s") from None
    with log.open("a") as file:
        file.write(done.stderr)
    if done.returncode != 0:
        last = "".join(f"\n    {line}" for line in done.stderr.splitlines()[-QUOTED_LINES:])
        raise DidNotStart(f"{command} failed ({done.returncode}){last}\n  its log: {log}")
    return done.stdout


def seeded(output: str) -> Seeded:
    """What the seed printed. Raises DidNotStart when it is something else."""
    try:
        return Seeded.model_validate_json(output)
    except ValidationError as error:
        missing = [".".join(map(str, one["loc"])) for one in error.errors(include_input=False)]
        raise DidNotStart(f"inbox-core-admin seed did not print {', '.join(missing)}") from None
