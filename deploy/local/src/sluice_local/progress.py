"""What a person sees: a line a step, with a spinner where there is a terminal, plain elsewhere."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.text import Text


class Progress:
    """Lines on stdout. Colours and the spinner are rich's to leave out where they do not belong."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(file=sys.stdout, highlight=False, soft_wrap=True)

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """One step; words appended to the list are said behind its name when it is done."""
        began = time.monotonic()
        remarks: list[str] = []
        if self._console.is_terminal:
            with self._console.status(Text(name)):
                yield remarks
        else:
            yield remarks
        took = f"{time.monotonic() - began:.1f} s"
        self._line("✓", "green", name, " ".join([*remarks, f"({took})"]))

    def note(self, name: str, words: str) -> None:
        """Something a person should know, and need not act on."""
        self._line("·", "yellow", name, words)

    def trouble(self, words: str) -> None:
        """Why it ends, in sentences."""
        self._console.print(Text(f"✗ {words}", style="red"))

    def say(self, words: str = "") -> None:
        """A line as it is, to be copied."""
        self._console.print(Text(words))

    def _line(self, mark: str, colour: str, name: str, words: str) -> None:
        self._console.print(Text.assemble((mark, colour), " ", (f"{name:<18}", "bold"), words))
