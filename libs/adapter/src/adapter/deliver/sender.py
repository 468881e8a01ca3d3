"""The way of a command: ready → claim → call → outcome into the claim → result → acknowledge.

Run by bus.commanding.CommandConsumer over the consumer `<type>-send`, which keeps the message
ours (`+WPI`) for as long as `handle` runs. What may take long and may be repeated, such as an
upload, comes before the claim. A crash at any point leaves the claim in a state that the next
delivery understands (bus/claims.py); nothing is called twice because of it.
"""

import asyncio
import random
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple, TypeVar

import structlog
from prometheus_client import Gauge

from adapter.channels import Channels, Credential
from adapter.deliver import results
from adapter.deliver.call import Caller, CannotSend, Handed
from adapter.deliver.pace import Pace, pair_of
from adapter.deliver.uploads import Uploads
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
MAX_TRIES: dict[str, int] = {"media": 4}
"""kind of error → tries, where trying until the command expires is vain: a file Meta cannot take
now it rarely takes in an hour."""
TRIES_REMEMBERED = 10_000

HELD = Gauge("sluice_send_results_held", "Outcomes and results that wait for the bus")

log = structlog.get_logger()
T = TypeVar("T")


class Ready(NamedTuple):
    """Everything the call needs is here, and it is the account's turn."""

    credential: Credential
    file: Handed | None


class Sender:
    """Handles one command; many at once. `publish` takes an encoded event to the results."""

    def __init__(
        self,
        caller: Caller,
        claims: Claims,
        channels: Channels,
        pace: Pace,
        uploads: Uploads,
        publish: Callable[[bytes], Awaitable[None]],
        clock: Callable[[], datetime],
    ) -> None:
        self._caller = caller
        self._claims = claims
        self._channels = channels
        self._pace = pace
        self._uploads = uploads
        self._publish = publish
        self._clock = clock
        # What was refused and comes back, by command: deliveries also count other waits.
        self._tries: OrderedDict[str, int] = OrderedDict()

    async def handle(self, command: SendCommand, _message: Delivered) -> Verdict:
        """Raises Retryable only where certainly nothing was called."""
        ready = await self._ready(command)
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
                return await self._settle(command, taken, ready)

    async def _ready(self, command: SendCommand) -> Ready | Later | Problem:
        """Whether the command may be called now; if not, whether later or never."""
        now, send, account = self._clock(), command.data, command.account
        if now >= send.not_after:
            return results.EXPIRED
        credential = self._channels.credential(command.channel, account)
        if credential is None:
            if now - command.time < NO_CHANNEL_FOR:
                return _later(NO_CHANNEL_RETRY_S, "no_channel")
            return results.NO_CHANNEL
        pair = pair_of(send.to)
        if pause_s := self._pace.pause_left_s(account, credential.version, pair):
            return _later(pause_s, "paused")
        hand = partial(self._caller.upload, command, credential)
        try:
            file = await self._uploads.ready(command, hand)
        except CannotSend as cannot:
            return cannot.problem
        except NotSent as error:
            return self._not_sent(command, credential, error)
        if wait_s := await self._pace.turn(account, pair, file=send.part.media is not None):
            return _later(wait_s, "paced")
        return Ready(credential, file)

    async def _settle(
        self, command: SendCommand, claimed: Claimed, ready: Ready | Later | Problem
    ) -> Verdict:
        """Call if it is ready; then release the claim, or finish it and tell."""
        outcome: bytes | Later | Problem
        outcome = await self._call(command, ready) if isinstance(ready, Ready) else ready
        if isinstance(outcome, Later):
            await _held(lambda: self._claims.release(claimed))
            return Later(outcome.delay_s * random.uniform(1.0, 1.2))  # noqa: S311 - spreads retries
        self._tries.pop(command.id, None)
        if isinstance(outcome, Problem):
            count("deliver", "failed", outcome.kind)
            outcome = results.failed(command, outcome, self._clock())
        told = outcome
        await _held(lambda: self._claims.finish(claimed, told))
        return await self._tell(told)

    async def _call(self, command: SendCommand, ready: Ready) -> bytes | Later | Problem:
        """The one call and what it came to; Later when certainly nothing was sent."""
        try:
            external_id = await self._caller.send(command, ready.credential, ready.file)
        except CannotSend as cannot:
            return cannot.problem
        except Ambiguous as error:
            count("deliver", "unknown", error.reason)
            return results.unknown(command, results.problem_of(error), self._clock())
        except NotSent as error:
            if await _held(partial(self._uploads.forgotten, ready.file, error)):
                return _later(0.0, "upload_forgotten")
            return self._not_sent(command, ready.credential, error)
        count("deliver", "sent")
        return results.sent(command, external_id, self._clock())

    def _not_sent(
        self, command: SendCommand, credential: Credential, error: NotSent
    ) -> Later | Problem:
        self._pace.heed(error, command.account, credential.version, pair_of(command.data.to))
        tries = self._tries.pop(command.id, 0) + 1
        delay_s = error.delay(tries)
        in_time = self._clock() + timedelta(seconds=delay_s) < command.data.not_after
        if error.retry and in_time and tries < MAX_TRIES.get(error.kind, tries + 1):
            self._tries[command.id] = tries
            if len(self._tries) > TRIES_REMEMBERED:
                self._tries.popitem(last=False)
            return _later(delay_s, error.kind)
        return results.problem_of(error)

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
