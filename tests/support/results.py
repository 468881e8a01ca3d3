"""A file of docs/results: a table, the machine it holds for, and the command that makes it again.

Used by long runs. A run that stops half way leaves what is kept alone:

    results = begin(path, HEADER, request.config)     # before the run: how busy the machine was
    results.note(COLUMNS, rows)                       # as often as there is more to tell
    results.keep()                                    # all of it was there, and right
"""

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from bench import machine, report
from support.servers import folder


@dataclass(frozen=True)
class Results:
    """`top`: what goes before the table."""

    path: Path
    top: str

    @property
    def unfinished(self) -> Path:
        """Beside the kept file, and ignored by git."""
        return self.path.with_name(f"{self.path.stem}-unfinished{self.path.suffix}")

    def note(self, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """What is known so far."""
        table = [columns, ["---"] * len(columns), *rows]
        lines = "\n".join(f"| {' | '.join(map(str, row))} |" for row in table)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.unfinished.write_text(f"{self.top}\n{lines}\n")

    def keep(self) -> None:
        """What was noted last, in place of what was kept before."""
        self.unfinished.replace(self.path)


def begin(path: Path, header: str, config: pytest.Config) -> Results:
    """`header`: what the figures are. The command is the one that pytest was started with."""
    command = shlex.join(["pytest", *map(str, config.invocation_params.args)])
    with folder() as data:
        facts = report.facts(machine.look(data))
    return Results(path, f"{header}\nMade by `{command}`, unedited.\n\n{facts}")
