"""What a person sees while the demo runs: one moving line at a terminal, plain lines elsewhere."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status
from rich.text import Text

from sluice_local.demo.options import Options
from sluice_local.demo.run import Step

PLAIN_EVERY_S = 2.0


class Display:
    """`show` may be called as often as one likes; `with` keeps the moving line to its time."""

    def __init__(self, options: Options, console: Console) -> None:
        self._options = options
        self._console = console
        self._began = time.monotonic()
        self._line: Status | None = None
        self._said_at = 0.0
        self._said = ""

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._line = self._console.status("connecting")
            self._line.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._line is not None:
            self._line.stop()

    def show(self, step: Step) -> None:
        words = self._words(step)
        if self._line is not None:
            self._line.update(Text(words))
        elif words != self._said and time.monotonic() >= self._said_at + PLAIN_EVERY_S:
            self._said, self._said_at = words, time.monotonic()
            self._console.print(Text(f"{self._said_at - self._began:6.1f} s  {words}"))

    def _words(self, step: Step) -> str:
        words = (
            f"messages {step.messages}/{self._options.messages}"
            f" · replies {step.replies}/{self._options.replies} · shown {step.shown}"
        )
        return f"{words} · {step.waits_for}" if step.waits_for else words
