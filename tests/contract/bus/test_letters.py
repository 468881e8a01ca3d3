"""Dead letters: nothing of the original is lost, and each way out of DEAD."""

import pytest

from bus.dead import DeadLetters
from bus.errors import Permanent
from bus.letters import Filter, Letter, Letters, NotFound, NoWayBack, channel_appeared
from contracts import batch
from support.rigs import AnyBus, Rig
from support.wire import event

BODY = batch.encode(event("a"))
ODD = b'\x00\xff not json, \xf0\x9f\x92\xa9, "lone \\ud800"'


async def lay(bus: AnyBus, account: str = "1001", reason: str = "unknown_channel") -> None:
    await DeadLetters(bus.publisher, "inbox-core").put(
        reason,
        BODY,
        detail="no such account",
        subject="inbound.whatsapp",
        event_id="whatsapp:1001:account:a",
        channel="whatsapp",
        account=account,
        sequence=7,
        deliveries=2,
    )


async def every(bus: AnyBus, wanted: Filter = Filter(), limit: int | None = None) -> list[Letter]:  # noqa: B008 # frozen
    return [letter async for letter in Letters(bus).each(wanted, limit)]


async def test_a_letter_keeps_everything(bus: AnyBus) -> None:
    await lay(bus)
    [letter] = await every(bus)
    assert letter.body == BODY
    assert (letter.number, letter.service, letter.reason) == (1, "inbox-core", "unknown_channel")
    assert (letter.channel, letter.account) == ("whatsapp", "1001")
    assert (letter.subject, letter.detail) == ("inbound.whatsapp", "no such account")
    assert letter.event_id == "whatsapp:1001:account:a"
    assert not letter.whole
    assert await Letters(bus).show(1) == letter


@pytest.mark.parametrize(
    "detail",
    [
        "plain",
        "ünïcödé 💬",
        "50 % off: a,b;c",
        "two\r\nlines\r\nSluice-Subject: forged",
        "x" * 2000,
    ],
)
async def test_headers_carry_any_text(bus: AnyBus, detail: str) -> None:
    dead = DeadLetters(bus.publisher, "ingest-whatsapp")
    await dead.put("malformed", ODD, detail=detail, subject="", shape="message")
    [letter] = await every(bus)
    assert letter.detail == detail[:500]
    assert (letter.body, letter.subject) == (ODD, "")


@pytest.mark.parametrize("reason", ["", "a.b", "a b", "*", ">", "A", "x" * 65])
async def test_a_reason_is_a_slug(bus: AnyBus, reason: str) -> None:
    with pytest.raises(Permanent):
        await DeadLetters(bus.publisher, "inbox-core").put(reason, b"", detail="", subject="")


@pytest.mark.parametrize(
    ("wanted", "limit", "numbers"),
    [
        (Filter(), None, [1, 2, 3]),
        (Filter(), 2, [1, 2]),
        (Filter(account="2002"), None, [2, 3]),
        (Filter(account="2002"), 1, [2]),
        (Filter(reason="poison"), None, [3]),
        (Filter(service="inbox-core", reason="poison"), None, [3]),
        (Filter(service="someone-else"), None, []),
        (Filter(channel="instagram"), None, []),
        (channel_appeared("whatsapp", "2002"), None, [2]),
    ],
)
async def test_letters_are_chosen(
    bus: AnyBus, wanted: Filter, limit: int | None, numbers: list[int]
) -> None:
    await lay(bus, "1001")
    await lay(bus, "2002")
    await lay(bus, "2002", "poison")
    assert [letter.number for letter in await every(bus, wanted, limit)] == numbers


async def test_many_letters_are_paged(bus: AnyBus) -> None:
    for _ in range(230):
        await lay(bus)
    assert len(await every(bus)) == 230


async def test_a_retried_event_is_back_as_a_batch_of_one(bus: AnyBus) -> None:
    await lay(bus)
    letters = Letters(bus)
    await letters.retry(await letters.show(1))
    [stored] = await bus.read("INBOUND", "inbound.>", 0, 10)
    assert (stored.subject, stored.body) == ("inbound.whatsapp", batch.pack([BODY]))
    assert await every(bus) == []


async def test_a_retried_message_is_back_as_it_was(bus: AnyBus) -> None:
    dead = DeadLetters(bus.publisher, "inbox-core")
    await dead.put("malformed", ODD, detail="", subject="inbound.whatsapp", shape="message")
    letters = Letters(bus)
    await letters.retry(await letters.show(1))
    [stored] = await bus.read("INBOUND", "inbound.>", 0, 10)
    assert stored.body == ODD


async def test_dying_between_publish_and_remove_stores_it_once(bus: AnyBus) -> None:
    await lay(bus)
    letters = Letters(bus)
    letter = await letters.show(1)
    await letters.retry(letter)
    await letters.retry(letter)
    assert (await bus.stream("INBOUND")).messages == 1


async def test_a_body_that_never_was_an_event_has_no_way_back(bus: AnyBus) -> None:
    await DeadLetters(bus.publisher, "ingest-whatsapp").put(
        "malformed", ODD, detail="not JSON", subject="", shape="message"
    )
    letters = Letters(bus)
    with pytest.raises(NoWayBack, match="nobody could parse"):
        await letters.retry(await letters.show(1))
    assert await letters.retry_matching(Filter()) == 0
    assert len(await every(bus)) == 1


async def test_all_that_fit_are_retried_when_a_channel_appears(bus: AnyBus) -> None:
    for account in ("1001", "2002", "1001", "1001"):
        await lay(bus, account)
    told: list[int] = []
    count = await Letters(bus).retry_matching(
        channel_appeared("whatsapp", "1001"), tell=lambda letter: told.append(letter.number)
    )
    assert (count, told) == (3, [1, 3, 4])
    assert [letter.number for letter in await every(bus)] == [2]


async def test_a_dropped_letter_is_gone(bus: AnyBus) -> None:
    await lay(bus)
    letters = Letters(bus)
    await letters.drop(await letters.show(1))
    with pytest.raises(NotFound, match="no dead letter 1"):
        await letters.show(1)
    assert (await bus.stream("INBOUND")).messages == 0


async def test_a_repeated_letter_with_its_id_is_laid_once(rig: Rig) -> None:
    dead = DeadLetters(rig.bus.publisher, "ingest-whatsapp")
    for _ in range(2):
        await dead.put("malformed", ODD, detail="", subject="", message_id="webhook:1")
    assert len(await every(rig.bus)) == 1
