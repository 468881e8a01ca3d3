"""Commands to Messenger and Instagram and results back.

What crashes leave is told once for all channels, by ingest_whatsapp's stories: one sender does it.
"""

import pytest

from adapter.channels import Credential
from bus.commanding import Done, Later
from contracts.parts import Part
from ingest_meta.channels.instagram.deliver import InstagramCaller
from metagraph.graph import GraphClient, open_session
from support.delivery import (
    CHANNEL_ID,
    INSTAGRAM,
    INSTAGRAM_LOGIN,
    TOKEN,
    WORKSPACE,
    Delivery,
    Side,
    command,
    emulator,
    file_part,
)

BUTTONS = Part(kind="buttons", text="Which?", data={"buttons": [{"id": "y", "title": "Yes"}]})


async def test_a_text_is_sent_once_and_its_result_told(delivery: Delivery) -> None:
    await delivery.process()
    asked = command(side=delivery.side, reply_to="m_before")
    await delivery.ask(asked, asked)
    result = await delivery.result_of(asked)
    await delivery.settled()
    (entry,) = delivery.accepted()
    assert (result.data.outcome, result.data.external_id) == ("sent", entry.wamid)
    assert result.channel == delivery.side.channel
    assert entry.phone_number_id == delivery.side.account
    assert entry.ref == asked.id
    assert entry.body == {
        "recipient": {"id": delivery.side.person.value},
        "messaging_type": "RESPONSE",
        "message": {"text": "Hello", "metadata": asked.id},
        "reply_to": {"mid": "m_before"},
    }


async def test_a_person_answers_late_with_the_tag(delivery: Delivery) -> None:
    process = await delivery.process(reading=False)
    asked = command(BUTTONS, side=delivery.side, tag="human_agent")
    assert await process.handle(asked) == Done()
    (entry,) = delivery.accepted()
    assert (entry.body["messaging_type"], entry.body["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")
    assert entry.body["message"]["quick_replies"][0]["payload"] == "y"


@pytest.mark.parametrize(
    ("code", "subcode", "kind"),
    [(10, 2018278, "window"), (551, 1545041, "undeliverable"), (100, None, "content")],
)
async def test_a_refusal_is_final_and_says_why(
    delivery: Delivery, code: int, subcode: int | None, kind: str
) -> None:
    process = await delivery.process(reading=False)
    delivery.befall(do="error", code=code, subcode=subcode)
    assert await process.handle(command(side=delivery.side)) == Done()
    (result,) = await delivery.results()
    assert result.data.problem is not None
    assert (result.data.outcome, result.data.problem.kind) == ("failed", kind)


async def test_a_restricted_page_pauses_the_account(delivery: Delivery) -> None:
    process = await delivery.process(reading=False)
    delivery.befall(do="error", code=10, subcode=1893063)
    assert await process.handle(command(side=delivery.side)) == Done()
    assert isinstance(await process.handle(command(side=delivery.side)), Later)
    assert delivery.accepted() == []


@pytest.mark.parametrize("code", [2, 1200])
async def test_passing_trouble_is_tried_again(delivery: Delivery, code: int) -> None:
    process = await delivery.process(reading=False)
    asked = command(side=delivery.side)
    delivery.befall(do="error", code=code)
    assert isinstance(await process.handle(asked), Later)
    assert await process.handle(asked, 2) == Done()
    assert len(delivery.accepted()) == 1


@pytest.mark.parametrize("fault", ["accept_then_reset", "reset"])
async def test_an_unclear_answer_is_unknown_and_never_called_again(
    delivery: Delivery, fault: str
) -> None:
    process = await delivery.process(reading=False)
    asked = command(side=delivery.side)
    delivery.befall(do=fault)
    for deliveries in (1, 2):
        assert await process.handle(asked, deliveries) == Done()
    assert len(delivery.accepted()) <= 1
    assert {result.data.outcome for result in await delivery.results()} == {"unknown"}


async def test_a_file_is_uploaded_once_and_sent_by_its_id(delivery: Delivery) -> None:
    await delivery.store(b"meow")
    process = await delivery.process(reading=False)
    for _ in range(2):
        assert await process.handle(command(file_part(), side=delivery.side)) == Done()
    first, second = (entry.body["message"]["attachment"] for entry in delivery.accepted())
    assert first == second
    (number,) = first["payload"].values()
    file = delivery.emulator.files.get(number)
    assert file is not None
    assert file.content == b"meow"


async def test_a_file_the_platform_forgot_is_uploaded_anew(delivery: Delivery) -> None:
    await delivery.store(b"meow")
    process = await delivery.process(reading=False)
    assert await process.handle(command(file_part(), side=delivery.side)) == Done()
    delivery.emulator.files.clear()
    asked = command(file_part(), side=delivery.side)
    assert isinstance(await process.handle(asked), Later)
    assert await process.handle(asked, 2) == Done()
    assert [result.data.outcome for result in await delivery.results()] == ["sent", "sent"]


async def test_a_link_is_left_to_the_platform(delivery: Delivery) -> None:
    process = await delivery.process(reading=False)
    part = file_part("video", ref="https://shop.example/cat.mp4")
    assert await process.handle(command(part, side=delivery.side)) == Done()
    (entry,) = delivery.accepted()
    assert entry.body["message"]["attachment"] == {
        "type": "video",
        "payload": {"url": "https://shop.example/cat.mp4"},
    }


@pytest.mark.parametrize("side", [INSTAGRAM, INSTAGRAM_LOGIN], ids=["by the page", "by itself"])
async def test_a_login_is_good_at_its_own_origin_alone(side: Side) -> None:
    async with emulator() as facebook, emulator() as instagram, open_session() as session:
        origins = [facebook.url, instagram.url]
        graphs = [GraphClient(session, origin=origin, allowed=origins) for origin in origins]
        credential = Credential(TOKEN, 1, WORKSPACE, CHANNEL_ID, side.account, side.config)
        await InstagramCaller(*graphs).send(command(side=side), credential, None)
        sent = [len(each.ledger.after(0)) for each in (facebook, instagram)]
    assert sent == ([0, 1] if side is INSTAGRAM_LOGIN else [1, 0])
