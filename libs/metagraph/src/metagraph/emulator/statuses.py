"""What Meta reports after it accepted a message: sent, delivered, read, or failed.

Called by graph_messages.py at acceptance. The plan says which statuses, when, how often twice and
in which order; it can be changed while the emulator runs.
"""

import random
import time
from collections.abc import Iterator

from metagraph.emulator import bodies
from metagraph.emulator.ledger import Entry
from metagraph.emulator.names import WHATSAPP
from metagraph.emulator.settings import StatusPlan
from metagraph.emulator.webhooks import Full, Unrouted, Webhooks


class Statuses:
    """Plans and submits the status webhooks of accepted messages."""

    def __init__(self, plan: StatusPlan, webhooks: Webhooks) -> None:
        self.plan = plan
        self._webhooks = webhooks
        self._random = random.Random()  # noqa: S311 - order and doubles, no secret

    def report(self, entry: Entry, failed: int | None = None) -> None:
        """Submit the statuses of an entry; with `failed` only that failure's code.

        A status that cannot be submitted is counted: the message was accepted all the same.
        """
        names = ("failed",) if failed is not None else self.plan.names
        for delay_s, name in timetable(self.plan, names, self._random):
            moment = int(time.time() + delay_s)
            value = bodies.status(entry.wamid, name, moment, entry.to, entry.ref, failed)
            item = bodies.Item(entry.phone_number_id, "statuses", value)
            try:
                self._webhooks.submit(WHATSAPP, bodies.envelope([item]), "status", delay_s)
            except Unrouted:
                self._webhooks.count_lost("unrouted")
            except Full:
                self._webhooks.count_lost("dropped")


def timetable(
    plan: StatusPlan, names: tuple[str, ...], chance: random.Random
) -> Iterator[tuple[float, str]]:
    """When each status goes out, in seconds from now."""
    delays = [plan.delay_s + place * plan.step_s for place in range(len(names))]
    if plan.shuffle:
        chance.shuffle(delays)
    for delay_s, name in zip(delays, names, strict=True):
        yield delay_s, name
        if chance.random() < plan.duplicates:
            yield delay_s + plan.step_s, name
