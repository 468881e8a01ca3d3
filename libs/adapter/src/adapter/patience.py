"""What stands in the way of work that may be repeated: whether to wait, how long, when to give up.

Used by the media and profile roles. The wait is the message's on the bus, not this process': its
deliveries are the count of tries, and survive a restart.
"""

import random
from datetime import datetime, timedelta
from typing import NamedTuple

from bus.commanding import Later
from contracts.commands import MediaCommand, ProfileCommand
from contracts.parts import Problem
from metagraph.errors import NotSent

DELAYS_S = (5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
"""After the first try, the second, …; the last repeats. Six tries in the first half hour."""
GIVE_UP_AFTER = timedelta(hours=24)
"""From the command's making. What a day did not mend a person should see, and may ask for again."""
JITTER = (1.0, 1.2)
"""Spread upwards only: nobody comes earlier than they were told to."""


class Trouble(NamedTuple):
    """Why a try came to nothing.

    `again_s`: trying again may help, not before as many seconds; None: it cannot. `tries`: but not
    more often, the first one counted.
    """

    problem: Problem
    again_s: float | None = None
    tries: int | None = None


NO_CHANNEL = Trouble(
    Problem(
        kind="no_channel",
        message="The channel is missing, switched off or has no credential.",
        retryable=True,
    ),
    again_s=60.0,
)
TOO_LATE = Trouble(Problem(kind="expired", message="It could not be fetched in time."))


def of_graph(error: NotSent) -> Trouble:
    """A refusal of Graph's. What waits for a person to act, such as a dead token, waits too."""
    waits = error.retry or error.rule.pause
    problem = Problem(kind=error.kind, message=error.sentence, code=error.code, retryable=waits)
    return Trouble(problem, (error.rule.delay_s or 0.0) if waits else None)


def later(
    trouble: Trouble, command: MediaCommand | ProfileCommand, tries: int, now: datetime
) -> Later | None:
    """When to try again after `tries` tries, from 1. None: give up and say why."""
    if trouble.again_s is None or (trouble.tries is not None and tries >= trouble.tries):
        return None
    usual_s = DELAYS_S[min(max(tries, 1), len(DELAYS_S)) - 1]
    delay_s = max(usual_s, trouble.again_s) * random.uniform(*JITTER)  # noqa: S311 - spreads tries
    give_up_at = min(command.data.not_after, command.time + GIVE_UP_AFTER)
    return Later(delay_s) if now + timedelta(seconds=delay_s) < give_up_at else None
