"""The way of an answer: sent, as soon as the result is durable; then told to whoever is there.

Run by bus.commanding.CommandConsumer over `widget-send` and `widget-action`. There is no platform
that could do a thing twice, so there are no claims: a redelivery publishes the same result and
tells the same news, which everybody takes for what they had. Whoever is not there now, or misses
the news, finds the answer in their history; so an answer with a place in it is never too late.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from adapter.deliver import results
from bus.commanding import Done, Verdict
from bus.ports import Bus, Delivered
from chassis.metrics import count
from contracts import subjects
from contracts.commands import Action, ActionCommand, CommandId, Send, SendCommand
from contracts.parts import Alias, Problem
from widget_gateway.lines import news
from widget_gateway.lines.news import REFRESH, News, PartNews, TypingNews
from widget_gateway.visitor import USER

UNADDRESSED = Problem(
    kind="invalid", message="The command says no place in the thread; the answer was not sent."
)
TYPING = {"typing_on": True, "typing_off": False}
REFRESHING = frozenset({"refresh", "read"})
"""Actions after which the visitor's thread looks different."""
NAMES_EACH = 9
"""Names one piece of news is told on: a user, and eight browsers beside."""

Publish = Callable[[bytes], Awaitable[None]]


class Deliverer:
    """`publish` takes an encoded event to the results, durably. `clock`: the time, in UTC."""

    def __init__(self, bus: Bus, publish: Publish, clock: Callable[[], datetime]) -> None:
        self._bus = bus
        self._publish = publish
        self._clock = clock

    async def send(self, command: SendCommand, _message: Delivered) -> Verdict:
        """Raises Retryable while the result cannot be told; then nobody was told anything."""
        now = self._clock()
        late = now >= command.data.not_after
        told = _part(command)
        if told is None:
            return await self._failed(command, results.EXPIRED if late else UNADDRESSED, now)
        await self._publish(results.sent(command, command.id, now))
        await self._tell(command.data, told)
        count("deliver", "sent", "late" if late else "")
        return Done()

    async def act(self, command: ActionCommand, _message: Delivered) -> Verdict:
        """Late ones are worth nothing."""
        action = command.data
        if self._clock() >= action.not_after:
            count("action", "dropped", "expired")
            return Done()
        told = _news_of(action)
        if told is not None:
            await self._tell(action, told)
        count("action", "done" if told else "nothing_to_do", action.action)
        return Done()

    async def _failed(self, command: SendCommand, problem: Problem, now: datetime) -> Verdict:
        await self._publish(results.failed(command, problem, now))
        count("deliver", "failed", problem.kind)
        return Done()

    async def _tell(self, to: Send | Action, told: News) -> None:
        """On the person's names: which of them a line hears, nobody here knows."""
        body = news.encode(told)
        for alias in _names(to.to):
            await self._bus.notify(subjects.visitor(to.channel_id, alias.kind, alias.value), body)


def _names(aliases: Sequence[Alias]) -> Sequence[Alias]:
    """Those worth telling: the user, whom all their devices hear, then the browsers seen last."""
    return sorted(aliases, key=lambda alias: alias.kind != USER)[:NAMES_EACH]


def _part(command: SendCommand) -> PartNews | None:
    """None: the command does not say where it stands, or its id is none of inbox-core's."""
    send, about = command.data, CommandId.parse(command.id)
    if send.shown is None or about is None:
        return None
    return PartNews(
        id=command.id,
        conversation=send.conversation_id,
        message=about.message,
        seq=send.shown.seq,
        at=send.shown.at,
        by=send.shown.by,
        author=send.shown.author,
        index=about.part,
        of=send.shown.parts,
        part=send.part,
    )


def _news_of(action: Action) -> News | None:
    if action.action in TYPING:
        return TypingNews(on=TYPING[action.action], author=action.author)
    return REFRESH if action.action in REFRESHING else None
