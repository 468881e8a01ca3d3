"""Validating: whether the platform still takes a channel's credential.

Asked by a person, and by the worker's chore, which finds a dead one before a customer does: at most
one channel a minute, the longest unchecked first.
"""

from collections import OrderedDict
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from inbox_core.app.desk import Desk, find, informed, news, question
from inbox_core.app.ports import Key
from inbox_core.app.views import ChannelView, channel_view
from inbox_core.domain.actors import WORKER, Actor
from inbox_core.domain.errors import NotFound, Unanswered

AGAIN_AFTER: dict[str, timedelta] = {
    "verified": timedelta(days=1),
    "unverified": timedelta(hours=1),
    "refused": timedelta(hours=1),
}
"""By the last verdict: what is not well is asked about more often."""
PATIENCE = timedelta(hours=1)
MAX_PATIENT = 1000


async def validate_channel(desk: Desk, key: Key, actor: Actor, now: datetime) -> ChannelView:
    """Ask the adapter again; what it finds is the channel's health from now on.

    Raises NotFound, and Unanswered when no adapter of this type is there.
    """
    before, sealed = await find(desk.store, key)
    answer = await desk.ask(question(before, sealed))
    if answer is None:
        raise Unanswered("No adapter of this channel type answers now.")
    async with desk.store.begin(key[0]) as uow:
        channel = await uow.lock_channel(key)
        if channel is None:
            raise NotFound("There is no such channel.")
        health = (await uow.channel_health([key]))[key[1]]
        moved_on = await uow.sealed_secret(key) != sealed or channel.config != before.config
        if moved_on:  # the answer is about what was
            return channel_view(channel, health, now)
        moved = health.validate(answer, now)
        after = informed(channel, answer) if answer.problem is None else channel
        await uow.write_health(key[0], health)
        if moved or answer.secret is not None or after != channel:
            after = replace(after, version=channel.version + 1)
            await uow.inform_channel(after, answer.secret)
            details = {"validation": health.validation, "renewed": answer.secret is not None}
            await uow.write(news(after, health, "channel.validated", actor, now, details))
    desk.mirror()
    return channel_view(after, health, now)


class Revalidation:
    """Remembers who did not answer, so that one adapter that is away holds up no other channel."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._silent: OrderedDict[UUID, datetime] = OrderedDict()

    async def step(self, now: datetime) -> str:
        """Validate the channel that is due the longest; what came of it, as a word to count."""
        while self._silent and next(iter(self._silent.values())) < now - PATIENCE:
            self._silent.popitem(last=False)
        types = [known.channel for known in self._desk.store.book.all()]
        before = {verdict: now - after for verdict, after in AGAIN_AFTER.items()}
        async with self._desk.store.begin() as uow:
            key = await uow.channel_to_validate(types, list(self._silent), before)
        if key is None:
            return "nothing_due"
        try:
            view = await validate_channel(self._desk, key, WORKER, now)
        except Unanswered:
            self._silent[key[1]] = now
            if len(self._silent) > MAX_PATIENT:
                self._silent.popitem(last=False)
            return "unanswered"
        except NotFound:
            return "gone"
        return view.health.validation
