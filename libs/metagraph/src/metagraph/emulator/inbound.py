"""Messages from people: what the control API takes, and the webhooks it becomes.

`posts` is the pure part: batches, doubles, late ones and disorder, the same for the same seed.
`Inbound.send` feeds them to the webhook sender, so many at once as was asked.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from metagraph.emulator import bodies, ids
from metagraph.emulator.settings import Fraction
from metagraph.emulator.webhooks import Full, Webhook, Webhooks

MAX_MESSAGES = 100_000


class InboundMessage(BaseModel):
    """One message. `message` holds Meta's own fields for kinds other than text.

    `from` is a phone number; `user_id` the business-scoped id. `timestamp` is in seconds. Without
    `id` it gets one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    phone_number_id: str = Field(min_length=1, max_length=64)
    sender: str | None = Field(default=None, alias="from", max_length=64)
    user_id: str | None = Field(default=None, max_length=160)
    name: str | None = None
    text: str | None = None
    message: dict[str, Any] | None = None
    id: str | None = None
    timestamp: int | None = None
    waba_id: str = bodies.WABA_ID

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.sender is None and self.user_id is None:
            raise ValueError("`from` or `user_id` is needed")
        if (self.text is None) == (self.message is None):
            raise ValueError("either `text` or `message` is needed")
        return self

    def item(self, now: int) -> bodies.Item:
        """The message as it stands in a webhook."""
        value: dict[str, Any] = {"from": self.sender} if self.sender else {}
        value |= {"from_user_id": self.user_id} if self.user_id else {}
        value["id"] = self.id or ids.inbound_wamid(self.sender or self.user_id or "")
        value["timestamp"] = str(self.timestamp or now)
        if self.message is not None:
            value |= self.message
        else:
            value |= {"type": "text", "text": {"body": self.text}}
        who = bodies.contact(self.sender, self.name, self.user_id)
        return bodies.Item(self.phone_number_id, "messages", value, who, self.waba_id)


class InboundRequest(BaseModel):
    """Messages to send, and in what manner.

    `batch` messages make one POST. `duplicates` is the share of messages that come twice, `late`
    the share that comes `late_s` after the others; `shuffle` puts the POSTs in random order. At
    most `concurrency` are on their way at a time. With `wait` the answer comes when all were
    answered 200 or given up, or after `wait_s`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    messages: tuple[InboundMessage, ...] = Field(min_length=1, max_length=MAX_MESSAGES)
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
    """One POST, and how long it is held back."""

    body: bytes
    delay_s: float


class Inbound:
    """Sends what people write. Feeding that still goes on ends with `stop`."""

    def __init__(self, webhooks: Webhooks) -> None:
        self._webhooks = webhooks
        self._feeders: set[asyncio.Task[None]] = set()

    async def send(self, request: InboundRequest) -> dict[str, Any]:
        """The ids of the messages, in order, and what became of the POSTs so far.

        Raises Unrouted, Full, or ValueError for a message larger than a body may be.
        """
        now = int(time.time())
        items = [message.item(now) for message in request.messages]
        plan = posts(request, items)
        slots = min(request.concurrency or len(plan), len(plan))
        self._webhooks.check_room(bodies.WHATSAPP, slots)
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
            "ids": [item.value["id"] for item in items],
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
                webhook = self._webhooks.submit(bodies.WHATSAPP, post.body, "inbound", post.delay_s)
            except Full:
                self._webhooks.count_lost("dropped", len(plan) - place)
                return
            webhook.settled.add_done_callback(lambda _: free.release())
            sent.append(webhook)


def posts(request: InboundRequest, items: Sequence[bodies.Item]) -> list[Post]:
    """The POSTs these messages become. Raises ValueError for one too large."""
    chance = random.Random(request.seed)  # noqa: S311 - disorder to order, no secret
    prompt: list[bodies.Item] = []
    late: list[bodies.Item] = []
    twice: list[bodies.Item] = []
    for item in items:
        (late if chance.random() < request.late else prompt).append(item)
        if chance.random() < request.duplicates:
            twice.append(item)
    plan = [
        Post(bodies.envelope(group), delay_s)
        for some, delay_s in ((prompt, 0.0), (twice, 0.0), (late, request.late_s))
        for group in bodies.packed(some, request.batch)
    ]
    if request.shuffle:
        chance.shuffle(plan)
    return plan


async def _wait(feeder: asyncio.Task[None], sent: list[Webhook], wait_s: float) -> None:
    """Until everything is settled or the time is up; the feeding goes on either way."""
    with suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            await asyncio.shield(feeder)
            if sent:
                await asyncio.wait([webhook.settled for webhook in sent])
