"""The way of a command: claim → call → outcome into the claim → result on the bus → acknowledge.

Run by bus.commanding.CommandConsumer over the consumer `<type>-send`, which keeps the message
ours (`+WPI`) for as long as `handle` runs. A crash at any point leaves the claim in a state that
the next delivery understands (bus/claims.py); nothing is called twice because of it.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import structlog
from prometheus_client import Gauge

from adapter.channels import Channels, Credential
from adapter.deliver import results
from adapter.deliver.pace import Pace
from bus.claims import Busy, Claimed, Claims, Finished, Lost
from bus.commanding import Done, Later, Verdict
from bus.errors import Retryable
from bus.ports import Delivered
from chassis.metrics import count
from contracts.commands import SendCommand
from contracts.parts import Problem
from metagraph.errors import Ambiguous, NotSent

NO_CHANNEL_FOR = timedelta(minutes=10)
"""How long a command waits for its channel to appear or be switched on, from its making."""
NO_CHANNEL_RETRY_S = 15.0
HOLD_S = (0.2, 5.0)
"""Bounds of the pause before an outcome or result that the bus refused is tried again."""

HELD = Gauge("sluice_send_results_held", "Outcomes and results that wait for the bus")

log = structlog.get_logger()
T = TypeVar("T")


class CannotSend(Exception):
    """The command can never be sent as it is; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Call(Protocol):
    """A platform's own part: the one call of a command."""

    async def __call__(self, command: SendCommand, credential: Credential) -> str:
        """The platform's id of the message. Raises CannotSend, NotSent or Ambiguous.

        What must be ready before (an upload) is harmless to repeat and may raise NotSent.
        """
        ...


class Sender:
    """Handles one command; many at once. `publish` takes an encoded event to the results."""

    def __init__(
        self,
        call: Call,
        claims: Claims,
        channels: Channels,
        pace: Pace,
        publish: Callable[[bytes], Awaitable[None]],
        clock: Callable[[], datetime],
    ) -> None:
        self._call = call
        self._claims = claims
        self._channels = channels
        self._pace = pace
        self._publish = publish
        self._clock = clock

    async def handle(self, command: SendCommand, message: Delivered) -> Verdict:
        """Raises Retryable only where certainly nothing was called."""
        taken = await self._claims.take(command.id)
        match taken:
            case Busy():
                count("deliver", "busy")
                return Later(taken.delay_s)
            case Finished():
                count("deliver", "told_again")
                return await self._tell(taken.outcome)
            case Lost():
                count("deliver", "unknown", "interrupted")
                guess = results.unknown(command, results.INTERRUPTED, self._clock())
                return await self._tell(await _held(lambda: self._claims.settle(taken, guess)))
            case Claimed():
                return await self._send(command, message, taken)

    async def _send(self, command: SendCommand, message: Delivered, claimed: Claimed) -> Verdict:
        outcome = await self._outcome(command, message)
        if isinstance(outcome, Later):
            await _held(lambda: self._claims.release(claimed))
            return Later(outcome.delay_s * random.uniform(1.0, 1.2))  # noqa: S311 - spreads retries
        await _held(lambda: self._claims.finish(claimed, outcome))
        return await self._tell(outcome)

    async def _outcome(self, command: SendCommand, message: Delivered) -> bytes | Later:
        """The one call and what it came to; Later when certainly nothing was sent."""
        now = self._clock()
        if now >= command.data.not_after:
            return self._failed(command, results.EXPIRED)
        account = command.account
        credential = self._channels.credential(command.channel, account)
        if credential is None:
            if now - command.time < NO_CHANNEL_FOR:
                return _later(NO_CHANNEL_RETRY_S, "no_channel")
            return self._failed(command, results.NO_CHANNEL)
        if pause_s := self._pace.pause_left_s(account, credential.version):
            return _later(pause_s, "paused")
        await self._pace.turn(account)
        try:
            external_id = await self._call(command, credential)
        except CannotSend as cannot:
            return self._failed(command, cannot.problem)
        except Ambiguous as error:
            count("deliver", "unknown", error.reason)
            return results.unknown(command, results.problem_of(error), self._clock())
        except NotSent as error:
            self._pace.heed(error, account, credential.version)
            return self._not_sent(command, error, message.deliveries)
        count("deliver", "sent")
        return results.sent(command, external_id, self._clock())

    def _not_sent(self, command: SendCommand, error: NotSent, tries: int) -> bytes | Later:
        delay_s = error.delay(tries)
        in_time = self._clock() + timedelta(seconds=delay_s) < command.data.not_after
        if error.retry and in_time:
            return _later(delay_s, error.kind)
        return self._failed(command, results.problem_of(error))

    def _failed(self, command: SendCommand, problem: Problem) -> bytes:
        count("deliver", "failed", problem.kind)
        return results.failed(command, problem, self._clock())

    async def _tell(self, outcome: bytes) -> Verdict:
        await _held(lambda: self._publish(outcome))
        return Done()


def _later(delay_s: float, reason: str) -> Later:
    count("deliver", "later", reason)
    return Later(delay_s)


async def _held(work: Callable[[], Awaitable[T]]) -> T:
    """What is known of a call is never dropped: try until the bus takes it.

    Ends early only when the process stops; the message then goes back, and the claim says the rest.
    """
    pause_s, longest_s = HOLD_S
    with HELD.track_inprogress():
        while True:
            try:
                return await work()
            except Retryable as error:
                log.warning("send_result_held", why=type(error).__name__)
                await asyncio.sleep(random.uniform(pause_s / 2, pause_s))  # noqa: S311 - jitter
                pause_s = min(pause_s * 2, longest_s)
