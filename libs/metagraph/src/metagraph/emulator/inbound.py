"""What people do: what the control API takes, and the webhooks it becomes.

`posts` is the pure part: batches, doubles, late ones and disorder, the same for the same seed.
`Inbound.send` feeds them to the webhook sender, so many at once as was asked.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from metagraph.emulator import bodies, page_bodies
from metagraph.emulator.names import WHATSAPP
from metagraph.emulator.page_people import PageMessage
from metagraph.emulator.people import People
from metagraph.emulator.said import Shelf
from metagraph.emulator.settings import Fraction
from metagraph.emulator.webhooks import Full, Webhook, Webhooks
from metagraph.emulator.whatsapp_people import InboundMessage

MAX_MESSAGES = 100_000

Item = bodies.Item | page_bodies.Event


def _whose(given: Any) -> str:
    """Which of the two a message is; without `object` it is WhatsApp's."""
    name = given.get("object") if isinstance(given, dict) else getattr(given, "object", None)
    return "whatsapp" if name in (None, WHATSAPP) else "page"


AnyMessage = Annotated[
    Annotated[InboundMessage, Tag("whatsapp")] | Annotated[PageMessage, Tag("page")],
    Discriminator(_whose),
]


class InboundRequest(BaseModel):
    """Messages to send, and in what manner.

    `batch` messages make one POST. `duplicates` is the share of messages that come twice, `late`
    the share that comes `late_s` after the others; `shuffle` puts the POSTs in random order. At
    most `concurrency` are on their way at a time. With `wait` the answer comes when all were
    answered 200 or given up, or after `wait_s`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    messages: tuple[AnyMessage, ...] = Field(min_length=1, max_length=MAX_MESSAGES)
    batch: int = Field(default=1, ge=1, le=bodies.MAX_ITEMS)
    duplicates: Fraction = 0.0
    shuffle: bool = False
    late: Fraction = 0.0
    late_s: float = Field(default=1.0, ge=0, le=600)
    concurrency: int | None = Field(default=None, ge=1, le=1024)
    seed: int = 0
    wait: bool = False
    wait_s: float = Field(default=60.0, gt=0, le=3600)


@dataclass(frozen=True, slots=True)
class Post:
    """One POST, whose it is, and how long it is held back."""

    object: str
    body: bytes
    delay_s: float


class Inbound:
    """Sends what people write. Feeding that still goes on ends with `stop`."""

    def __init__(self, webhooks: Webhooks, people: People, shelf: Shelf) -> None:
        self._webhooks = webhooks
        self._people = people
        self._shelf = shelf
        self._feeders: set[asyncio.Task[None]] = set()

    async def send(self, request: InboundRequest) -> dict[str, Any]:
        """The ids of the messages, in order, and what became of the POSTs so far.

        Raises Unrouted, Full, or ValueError for a message larger than a body may be or with a
        file that is not there.
        """
        now = int(time.time())
        items = [message.item(now, self._shelf) for message in request.messages]
        plan = posts(request, items)
        slots = min(request.concurrency or len(plan), len(plan))
        for name in {item.object for item in items}:
            self._webhooks.check_room(name, slots)
        for one in request.messages:
            if one.object != WHATSAPP:  # which shows nobody's profile
                self._people.wrote(one.sender, (one.object, one.account), one.name)
        sent: list[Webhook] = []
        feeder = asyncio.create_task(self._feed(plan, slots, sent))
        self._feeders.add(feeder)
        feeder.add_done_callback(self._feeders.discard)
        if slots == len(plan):
            await feeder  # does not wait for answers
        if request.wait:
            await _wait(feeder, sent, request.wait_s)
        settled = Counter(one.settled.result() for one in sent if one.settled.done())
        return {
            "ids": [item.id for item in items],
            "posts": len(plan),
            "settled": dict(settled),
            "pending": len(plan) - settled.total(),
        }

    def stop(self) -> None:
        """Feed no more."""
        for feeder in self._feeders:
            feeder.cancel()

    async def _feed(self, plan: Sequence[Post], slots: int, sent: list[Webhook]) -> None:
        free = asyncio.Semaphore(slots)
        for place, post in enumerate(plan):
            await free.acquire()
            try:
                webhook = self._webhooks.submit(post.object, post.body, "inbound", post.delay_s)
            except Full:
                self._webhooks.count_lost("dropped", len(plan) - place)
                return
            webhook.settled.add_done_callback(lambda _: free.release())
            sent.append(webhook)


def posts(request: InboundRequest, items: Sequence[Item]) -> list[Post]:
    """The POSTs these messages become. Raises ValueError for one too large."""
    chance = random.Random(request.seed)  # noqa: S311 - disorder to order, no secret
    prompt: list[Item] = []
    late: list[Item] = []
    twice: list[Item] = []
    for item in items:
        (late if chance.random() < request.late else prompt).append(item)
        if chance.random() < request.duplicates:
            twice.append(item)
    plan = [
        post
        for some, delay_s in ((prompt, 0.0), (twice, 0.0), (late, request.late_s))
        for post in _packed(some, request.batch, delay_s)
    ]
    if request.shuffle:
        chance.shuffle(plan)
    return plan


def _packed(items: Sequence[Item], batch: int, delay_s: float) -> Iterator[Post]:
    """A body holds items of one object only."""
    numbers = [item for item in items if isinstance(item, bodies.Item)]
    for group in bodies.packed(numbers, batch):
        yield Post(WHATSAPP, bodies.envelope(group), delay_s)
    events = [item for item in items if isinstance(item, page_bodies.Event)]
    for name in sorted({event.object for event in events}):
        mine = [event for event in events if event.object == name]
        for some in bodies.packed(mine, batch):
            yield Post(name, page_bodies.envelope(some), delay_s)


async def _wait(feeder: asyncio.Task[None], sent: list[Webhook], wait_s: float) -> None:
    """Until everything is settled or the time is up; the feeding goes on either way."""
    with suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            await asyncio.shield(feeder)
            if sent:
                await asyncio.wait([webhook.settled for webhook in sent])
