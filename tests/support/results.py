"""A table of figures for docs/results, with the machine they hold for. Used by long runs."""

import platform
from collections.abc import Iterable, Sequence
from pathlib import Path

import psutil


def write_table(
    path: Path, header: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """In place of what was there. `header` goes before the table, with an empty line."""
    table = [columns, ["---"] * len(columns), *rows]
    lines = "\n".join(f"| {' | '.join(map(str, row))} |" for row in table)
    memory = psutil.virtual_memory().total / 2**30
    machine = (
        f"Python {platform.python_version()}, {platform.system()}, {psutil.cpu_count()} cores,"
        f" {memory:.0f} GiB"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{header}{lines}\n\n{machine}.\n")
