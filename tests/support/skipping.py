"""An event loop whose clock jumps over every wait: a story of minutes runs in milliseconds.

For parts that live in one process alone: nothing from outside can arrive while the clock jumps.
"""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import TypeVar

from typing_extensions import override

T = TypeVar("T")


class _Skipping(selectors.SelectSelector):
    skipped = 0.0

    @override
    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None and timeout > 0:
            self.skipped += timeout
        return super().select(0)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self, skipping: _Skipping) -> None:
        super().__init__(skipping)
        self._skipping = skipping

    @override
    def time(self) -> float:
        return super().time() + self._skipping.skipped


def run_skipping(story: Coroutine[None, None, T]) -> T:
    """Run it to its end."""
    with asyncio.Runner(loop_factory=lambda: _Loop(_Skipping())) as runner:
        return runner.run(story)
