"""The way of an action: reactions, read marks, typing. Harmless to repeat, worthless when late.

Run by bus.commanding.CommandConsumer over the consumer `<type>-action`. There is no claim: what
may have been done is done again. An action that cannot be done in time is dropped; of those a
screen already shows (SHOWN) inbox-core is told, so that it takes them back. Of two to the same
message the later counts: an older one that comes back after it is done no more.
"""

import asyncio
import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from adapter.channels import Channels, Credential
from adapter.deliver import results
from adapter.deliver.call import Caller, CannotSend
from adapter.deliver.pace import Pace, pair_of
from bus.commanding import Done, Later, Verdict
from bus.ports import Delivered
from chassis.metrics import count
from contracts.commands import ActionCommand
from contracts.parts import Problem
from metagraph.errors import Ambiguous, NotSent

SHOWN = frozenset({"react", "unreact"})
"""Actions a person sees in the thread. They also count as messages, and wait their turn."""
MAX_REMEMBERED = 10_000
"""Messages whose latest reaction is known; of one that was forgotten an older may be done again."""
UNCLEAR_RETRY_S = 5.0
"""After an answer that was none: once more, for it does no harm."""


class Actions:
    """Handles one action; many at once. `publish` takes an encoded event to the results."""

    def __init__(
        self,
        caller: Caller,
        channels: Channels,
        pace: Pace,
        publish: Callable[[bytes], Awaitable[None]],
        clock: Callable[[], datetime],
    ) -> None:
        self._caller = caller
        self._channels = channels
        self._pace = pace
        self._publish = publish
        self._clock = clock
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._latest: OrderedDict[tuple[str, str], datetime] = OrderedDict()

    async def handle(self, command: ActionCommand, message: Delivered) -> Verdict:
        """Raises Retryable when the failure of an action cannot be told now."""
        if command.data.action not in SHOWN:
            return await self._handle(command, message)
        about = (command.account, command.data.external_id or "")
        turn = self._turns.setdefault(about, asyncio.Lock())
        async with turn:
            if self._overtaken(command, about):
                count("action", "overtaken", command.data.action)
                return Done()
            return await self._handle(command, message)

    def _overtaken(self, command: ActionCommand, about: tuple[str, str]) -> bool:
        """Whether this process has had a later reaction to the same message."""
        latest = max(self._latest.pop(about, command.time), command.time)
        self._latest[about] = latest
        if len(self._latest) > MAX_REMEMBERED:
            self._latest.popitem(last=False)
        return command.time < latest

    async def _handle(self, command: ActionCommand, message: Delivered) -> Verdict:
        if self._clock() >= command.data.not_after:
            return await self._drop(command, results.EXPIRED)
        credential = self._channels.credential(command.channel, command.account)
        if credential is None:
            return await self._drop(command, results.NO_CHANNEL)
        if wait_s := await self._wait_s(command, credential):
            return await self._again(command, wait_s, results.EXPIRED)
        return await self._act(command, credential, message.deliveries)

    async def _wait_s(self, command: ActionCommand, credential: Credential) -> float:
        pair = pair_of(command.data.to)
        pause_s = self._pace.pause_left_s(command.account, credential.version, pair)
        if pause_s or command.data.action not in SHOWN:
            return pause_s
        return await self._pace.turn(command.account, pair)

    async def _act(
        self, command: ActionCommand, credential: Credential, deliveries: int
    ) -> Verdict:
        action = command.data.action
        try:
            done = await self._caller.act(command, credential)
        except CannotSend as cannot:
            return await self._drop(command, cannot.problem)
        except Ambiguous as error:
            return await self._again(command, UNCLEAR_RETRY_S, results.problem_of(error))
        except NotSent as error:
            self._pace.heed(error, command.account, credential.version, pair_of(command.data.to))
            return await self._refused(command, error, deliveries)
        count("action", "done" if done else "nothing_to_do", action)
        return Done()

    async def _refused(self, command: ActionCommand, error: NotSent, deliveries: int) -> Verdict:
        problem = results.problem_of(error)
        if not error.retry:
            return await self._drop(command, problem)
        return await self._again(command, error.delay(deliveries), problem)

    async def _again(self, command: ActionCommand, delay_s: float, problem: Problem) -> Verdict:
        """Later, if that is in time."""
        delay_s *= random.uniform(1.0, 1.2)  # noqa: S311 - spreads retries
        if self._clock() + timedelta(seconds=delay_s) >= command.data.not_after:
            return await self._drop(command, problem)
        count("action", "later", command.data.action)
        return Later(delay_s)

    async def _drop(self, command: ActionCommand, problem: Problem) -> Verdict:
        count("action", "dropped", problem.kind)
        if command.data.action in SHOWN:
            await self._publish(results.action_failed(command, problem, self._clock()))
        return Done()
