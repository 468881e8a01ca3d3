"""Answers: durable first, then told on the names of the person, however late."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest

from bus.commanding import Done
from bus.errors import Unavailable
from bus.memory import MemoryBus
from bus.ports import Delivered
from contracts import batch, subjects
from contracts.commands import Action, ActionCommand, CommandId, Send, SendCommand, Shown
from contracts.events import SendResultEvent
from contracts.parts import Alias, Media, Part
from support.waiting import eventually
from widget_gateway.capabilities import CAPABILITIES
from widget_gateway.deliver import NAMES_EACH, Deliverer
from widget_gateway.lines import news

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
WORKSPACE, CHANNEL, THREAD = uuid4(), uuid4(), uuid4()
NAMES = (Alias(kind="user", value="u1"), Alias(kind="visitor", value="v1"))
ID = CommandId(uuid4(), 1, 1)
ENVELOPE: dict[str, Any] = {"time": NOW, "channel": "widget", "account": "shop-front"}
COMMON: dict[str, Any] = {
    "workspace_id": WORKSPACE, "channel_id": CHANNEL, "conversation_id": THREAD, "to": NAMES,
    "not_after": NOW + timedelta(minutes=1),
}  # fmt: skip


def send(**changed: Any) -> SendCommand:
    fields = {
        "part": Part(kind="text", text="Hi"),
        "shown": Shown(seq=4, at=NOW, author="Ana", parts=2),
    }
    return SendCommand(id=str(ID), **ENVELOPE, data=Send(**(COMMON | fields | changed)))


def act(action: str, **changed: Any) -> ActionCommand:
    data = Action(**(COMMON | {"action": action, "author": "Ana"} | changed))
    return ActionCommand(id="a1", **ENVELOPE, data=data)


MESSAGE = Delivered("", b"", "OUTBOUND", 1, NOW)


class Told:
    """What came of a command: results published, news heard, in their order."""

    def __init__(self) -> None:
        self.bus = MemoryBus()
        self.results: list[SendResultEvent] = []
        self.news: list[tuple[str, Any]] = []
        self.away = False

    async def start(self) -> Deliverer:
        await self.bus.listen("visitor.>", self._heard)
        return Deliverer(self.bus, self._publish, lambda: NOW)

    async def _heard(self, subject: str, body: bytes) -> None:
        self.news.append((subject, news.decode(body)))

    async def _publish(self, event: bytes) -> None:
        if self.away:
            raise Unavailable("away")
        assert not self.news, "told before it was durable"
        result = batch.decode_event(orjson.loads(event))
        assert isinstance(result, SendResultEvent)
        self.results.append(result)


async def test_an_answer_is_durable_and_then_told_on_every_name() -> None:
    told = Told()
    deliverer = await told.start()
    assert await deliverer.send(send(), MESSAGE) == Done()
    await eventually(lambda: len(told.news) == 2)
    (result,) = told.results
    assert (result.data.outcome, result.data.external_id) == ("sent", str(ID))
    assert {subject for subject, _ in told.news} == {
        subjects.visitor(CHANNEL, alias.kind, alias.value) for alias in NAMES
    }
    part = told.news[0][1]
    assert (part.conversation, part.message, part.seq, part.at) == (THREAD, ID.message, 4, NOW)
    assert (part.index, part.of, part.author, part.part.text) == (1, 2, "Ana", "Hi")


async def test_an_answer_that_history_tells_is_never_too_late() -> None:
    """A deliver role that was away for a day: the visitor has read it, so it did not fail."""
    told = Told()
    deliverer = await told.start()
    assert await deliverer.send(send(not_after=NOW), MESSAGE) == Done()
    await eventually(lambda: len(told.news) == 2)
    assert [result.data.outcome for result in told.results] == ["sent"]


async def test_somebody_of_many_browsers_is_told_on_a_few_names() -> None:
    """Whoever they are; the names come as they were seen, the last one first."""
    browsers = [Alias(kind="visitor", value=f"v{number}") for number in range(50)]
    told = Told()
    deliverer = await told.start()
    await deliverer.send(send(to=(*browsers, Alias(kind="user", value="u1"))), MESSAGE)
    await eventually(lambda: len(told.news) == NAMES_EACH)
    assert [subject for subject, _ in told.news] == [
        subjects.visitor(CHANNEL, "user", "u1"),
        *(subjects.visitor(CHANNEL, "visitor", f"v{number}") for number in range(8)),
    ]


async def test_while_the_bus_is_away_nobody_is_told_anything() -> None:
    told = Told()
    told.away = True
    deliverer = await told.start()
    with pytest.raises(Unavailable):
        await deliverer.send(send(), MESSAGE)
    assert told.news == []


@pytest.mark.parametrize(
    ("changed", "kind"),
    [({"shown": None, "not_after": NOW}, "expired"), ({"shown": None}, "invalid")],
    ids=["late", "no place"],
)
async def test_what_cannot_be_sent_fails(changed: dict[str, Any], kind: str) -> None:
    told = Told()
    deliverer = await told.start()
    await deliverer.send(send(**changed), MESSAGE)
    problem = told.results[0].data.problem
    assert (told.results[0].data.outcome, problem and problem.kind) == ("failed", kind)
    assert told.news == []


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (act("typing_on"), news.TypingNews(on=True, author="Ana")),
        (act("typing_off"), news.TypingNews(on=False, author="Ana")),
        (act("refresh"), news.REFRESH),
        (act("read"), news.REFRESH),
        (act("react", external_id="x", emoji="+"), None),
        (act("refresh", not_after=NOW), None),
    ],
    ids=["types", "stops", "refresh", "read", "not ours", "late"],
)
async def test_actions(command: ActionCommand, expected: news.News | None) -> None:
    told = Told()
    deliverer = await told.start()
    assert await deliverer.act(command, MESSAGE) == Done()
    wanted = [] if expected is None else [expected] * len(NAMES)
    await eventually(lambda: len(told.news) == len(wanted))
    assert [one for _, one in told.news] == wanted


def test_news_of_a_file_name_where_it_lies_and_no_address() -> None:
    """Addresses are made where they are shown, and end after a while."""
    part = Part(kind="image", media=Media(ref="file:w/upload/x"))
    told = news.PartNews(
        id="1", conversation=THREAD, message=ID.message, seq=1, at=NOW, by="user",
        index=0, of=1, part=part,
    )  # fmt: skip
    assert news.decode(news.encode(told)) == told


def test_the_widget_shows_threads_and_can_be_written_to_by_both_names() -> None:
    assert CAPABILITIES.threads
    assert CAPABILITIES.address_kinds == ("user", "visitor")
    assert set(CAPABILITIES.media) == {"image", "video", "audio", "document"}
