"""A line's way to history: one question at a time, asked anew whenever something has changed.

A line is dirty when it may not have everything: at its start, after live news, after a message of
its own, after the bus was away. Then everything past its cursors is asked for, until there is no
more, however long inbox-core is away; many reasons meanwhile make one more question. An idle line
has no task and no timer.
"""

import asyncio
import random
from typing import Protocol
from uuid import UUID

import structlog

from bus.errors import Retryable
from contracts.rpc import HistoryAnswer
from widget_gateway.frames.said import MAX_CURSORS, Cursors
from widget_gateway.lines.views import cursors

RETRY_S = (0.5, 15.0)
"""Bounds of the pause while inbox-core is away, doubled each time, with full jitter."""
EXPECT_S = (0.3, 1.0, 3.0, 10.0)
"""When to look for a message that was accepted: inbox-core needs a moment to number it."""
MAX_DOUBLINGS = 6

log = structlog.get_logger()


class Puller(Protocol):
    """Whom history is asked for: line.py."""

    async def ask(self) -> HistoryAnswer:
        """What follows its cursors.

        Raises Retryable, also when it is not known whether the session still holds.
        """
        ...

    async def learned(self, answer: HistoryAnswer) -> None:
        """Tell the client; returns when there is room for more."""
        ...

    def failed(self) -> None:
        """A fault of ours: nothing is asked any more, so the client has to come again."""
        ...


class Pulling:
    """`cursors` are the client's at first, then move with every answer."""

    __slots__ = (
        "_again", "_expected", "_looks", "_over", "_puller", "_task", "_timer", "cursors",
    )  # fmt: skip

    def __init__(self, puller: Puller, known: Cursors) -> None:
        self.cursors: dict[UUID, int] = dict(known)
        self._puller = puller
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._again = False
        self._over = False
        self._expected: str | None = None
        self._looks = 0

    def dirty(self, after_s: float = 0.0) -> None:
        """Ask anew: now, or in a moment, when more of the same is on its way."""
        if self._over:
            return
        if after_s > 0:
            self._later(after_s)
        elif self._task is None:
            self._task = asyncio.create_task(self._run())
        else:
            self._again = True

    def expect(self, external_id: str) -> None:
        """A message is on its way to inbox-core: ask until it is there, or in vain."""
        self._expected, self._looks = external_id, 0
        self.dirty(EXPECT_S[0])

    def seen(self, external_id: str | None) -> None:
        """History has told a message that the visitor wrote."""
        if external_id is not None and external_id == self._expected:
            self._expected = None

    def stop(self) -> None:
        """Ask no more."""
        self._over = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._task is not None:
            self._task.cancel()

    def _later(self, after_s: float) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + after_s
        if self._timer is not None:
            if self._timer.when() <= due:
                return
            self._timer.cancel()
        self._timer = loop.call_at(due, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self.dirty()

    async def _run(self) -> None:
        try:
            await self._pull()
        except Exception:
            log.exception("pull_failed")
            self._puller.failed()
        finally:
            self._task = None
        if self._again:
            self._again = False
            self.dirty()
        elif self._expected is not None:
            self._look_again()

    def _look_again(self) -> None:
        self._looks += 1
        if self._looks < len(EXPECT_S):
            self.dirty(EXPECT_S[self._looks])
        else:
            self._expected = None

    async def _pull(self) -> None:
        """Until there is no more."""
        failures = 0
        while not self._over:
            self._again = False
            try:
                answer = await self._puller.ask()
            except Retryable:
                failures += 1
                await asyncio.sleep(_pause_s(failures))
                continue
            failures = 0
            before = self.cursors
            self.cursors = _bounded(cursors(before, answer), answer)
            await self._puller.learned(answer)
            if not answer.more or self.cursors == before:
                return


def _bounded(known: dict[UUID, int], answer: HistoryAnswer) -> dict[UUID, int]:
    """As many as a question may bring: those of the newest threads first."""
    if len(known) <= MAX_CURSORS:
        return known
    newest = [thread.id for thread in answer.threads if thread.id in known]
    order = dict.fromkeys([*newest, *reversed(known)])
    return {id_: known[id_] for id_ in list(order)[:MAX_CURSORS]}


def _pause_s(failures: int) -> float:
    least, most = RETRY_S
    ground = min(most, least * float(1 << min(failures, MAX_DOUBLINGS)))
    return random.uniform(0.1, ground)  # noqa: S311 - spreads retries, no secret
