"""The emulator as a platform: webhooks signed, repeated, doubled and late, as it is told."""

import asyncio
from collections import Counter
from typing import Any

import aiohttp
import pytest
from pydantic import SecretStr

from integration.metagraph.receiver import VERIFY_TOKEN, Receiver, until
from metagraph.emulator.app import Emulator
from metagraph.emulator.client import ControlError, EmulatorClient
from metagraph.emulator.names import WHATSAPP
from metagraph.emulator.script import fault
from metagraph.emulator.settings import EmulatorSettings
from metagraph.graph import GraphClient
from metagraph.signature import Verdict

PHONE, TOKEN = "106540352242922", "EAAG-token"


def people(count: int) -> list[dict[str, Any]]:
    return [
        {"phone_number_id": PHONE, "from": f"4915{n:06}", "name": f"P{n}", "text": f"no {n}"}
        for n in range(count)
    ]


def text(ref: str = "ref-1") -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "to": "16505551234",
        "type": "text",
        "text": {"body": "hello"},
        "biz_opaque_callback_data": ref,
    }


async def test_what_people_write_arrives_signed(
    control: EmulatorClient, receiver: Receiver
) -> None:
    answer = await control.inbound(people(1), wait=True)
    [message] = receiver.messages()
    assert receiver.verdicts == {Verdict.VALID: 1}
    assert (message["from"], message["text"]["body"]) == ("4915000000", "no 0")
    assert answer == {"ids": [message["id"]], "posts": 1, "settled": {"delivered": 1}, "pending": 0}


@pytest.mark.parametrize(
    ("manner", "posts", "copies"),
    [
        ({}, 40, 1),
        ({"batch": 15}, 3, 1),
        ({"duplicates": 1.0}, 80, 2),
        ({"batch": 40, "duplicates": 1.0}, 2, 2),
        ({"shuffle": True, "late": 0.5, "late_s": 0.05}, 40, 1),
        ({"concurrency": 3}, 40, 1),
    ],
)
async def test_every_message_arrives_as_often_as_asked(
    control: EmulatorClient, receiver: Receiver, manner: dict[str, Any], posts: int, copies: int
) -> None:
    answer = await control.inbound(people(40), wait=True, **manner)
    assert answer["settled"] == {"delivered": posts}
    assert len(receiver.bodies) == posts
    arrived = Counter(message["id"] for message in receiver.messages())
    assert arrived == dict.fromkeys(answer["ids"], copies)


async def test_large_batches_arrive_whole(control: EmulatorClient, receiver: Receiver) -> None:
    long = [person | {"text": "ä" * 4000} for person in people(1000)]
    answer = await control.inbound(long, batch=1000, wait=True)
    assert 1 < answer["posts"] < 5
    assert len(receiver.messages()) == 1000
    assert (await control.raw(b"x" * 4_500_000, "none"))["status"] == 200


async def test_webhooks_are_repeated_until_they_are_answered_200(
    control: EmulatorClient, receiver: Receiver
) -> None:
    receiver.answers = [503, 500, 401, 202, 204, 302]
    answer = await control.inbound(people(3), wait=True)
    assert answer["settled"] == {"delivered": 3}
    assert len(receiver.messages()) == 3
    webhooks = (await control.stats())["webhooks"]
    assert webhooks["answers"] == {
        "503": 1,
        "500": 1,
        "401": 1,
        "202": 1,
        "204": 1,
        "302": 1,
        "200": 3,
    }
    assert (webhooks["posts"], webhooks["pending"], webhooks["inbound_delivered"]) == (9, 0, 3)
    assert set(receiver.verdicts) == {Verdict.VALID}


async def test_webhooks_wait_out_a_service_that_is_away(
    emulator: Emulator, control: EmulatorClient, receiver: Receiver
) -> None:
    here = receiver.url
    await control.route("http://127.0.0.1:1/webhooks")
    answer = await control.inbound(people(5))
    assert (answer["settled"], answer["pending"]) == ({}, 5)
    await until(lambda: emulator.webhooks.summary()["retried"] >= 5)
    await control.route(here)
    await until(lambda: emulator.webhooks.summary()["pending"] == 0)
    assert sorted(m["id"] for m in receiver.messages()) == sorted(answer["ids"])


async def test_an_accepted_message_is_sent_delivered_and_read(
    emulator: Emulator, graph: GraphClient, receiver: Receiver
) -> None:
    sent = await graph.send_message(PHONE, TOKEN, text())
    await until(lambda: len(receiver.statuses()) == 3)
    for status in receiver.statuses():
        assert status["id"] == sent.message_id
        assert status["recipient_id"] == "16505551234"
        assert status["biz_opaque_callback_data"] == "ref-1"
    assert {s["status"] for s in receiver.statuses()} == {"sent", "delivered", "read"}
    assert emulator.webhooks.summary()["status_submitted"] == 3


async def test_statuses_come_twice_and_only_those_asked_for(
    control: EmulatorClient, graph: GraphClient, receiver: Receiver
) -> None:
    await control.statuses(names=["delivered"], delay_s=0, step_s=0, duplicates=1, shuffle=True)
    await graph.send_message(PHONE, TOKEN, text())
    await until(lambda: len(receiver.statuses()) == 2)
    assert [s["status"] for s in receiver.statuses()] == ["delivered", "delivered"]


async def test_a_message_may_fail_later(
    emulator: Emulator, graph: GraphClient, receiver: Receiver
) -> None:
    emulator.script.add([fault(do="fail_later", code=131026)])
    await graph.send_message(PHONE, TOKEN, text())
    await until(lambda: len(receiver.statuses()) == 1)
    [status] = receiver.statuses()
    assert (status["status"], status["errors"][0]["code"]) == ("failed", 131026)


async def test_a_read_receipt_is_noted_and_has_no_statuses(
    emulator: Emulator, control: EmulatorClient
) -> None:
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.x",
            "typing_indicator": {"type": "text"}}  # fmt: skip
    url = f"{emulator.url}/v23.0/{PHONE}/messages"
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, json=body, headers=bearer) as response,
    ):
        assert await response.json() == {"success": True}
    [entry] = [entry async for entry in control.ledger()]
    assert (entry["kind"], entry["wamid"]) == ("receipt", "wamid.x")
    assert (await control.stats())["webhooks"]["status_submitted"] == 0


@pytest.mark.parametrize(
    ("label", "headers", "data", "status", "code"),
    [
        ("no bearer", {}, b"{}", 401, 190),
        ("empty bearer", {"Authorization": "Bearer "}, b"{}", 401, 190),
        ("basic", {"Authorization": "Basic eA=="}, b"{}", 401, 190),
        ("not JSON", {"Authorization": "Bearer x"}, b"{", 400, 100),
        ("no product", {"Authorization": "Bearer x"}, b"{}", 400, 100),
    ],
)
async def test_graph_refuses(
    emulator: Emulator, label: str, headers: dict[str, str], data: bytes, status: int, code: int
) -> None:
    url = f"{emulator.url}/v23.0/{PHONE}/messages?access_token=in-the-query"
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=data, headers=headers) as response,
    ):
        error = (await response.json())["error"]
    assert (response.status, error["code"]) == (status, code), label


async def test_the_ledger_shows_doubles_and_pages(
    control: EmulatorClient, graph: GraphClient
) -> None:
    for ref in ("a", "b", "a"):
        await graph.send_message(PHONE, TOKEN, text(ref))
    assert [entry["ref"] async for entry in control.ledger()] == ["a", "b", "a"]
    assert [entry["number"] async for entry in control.ledger(after=2)] == [3]
    ledger = (await control.stats())["ledger"]
    assert (ledger["messages"], ledger["double_refs"], ledger["doubles"]) == (3, 1, {"a": 2})


async def test_faults_are_ordered_from_outside(control: EmulatorClient, graph: GraphClient) -> None:
    await control.script({"do": "error", "code": 4, "times": 5, "match": {"to": "1"}})
    assert (await graph.send_message(PHONE, TOKEN, text())).message_id
    assert (await control.stats())["script"]["pending"] == 5
    await control.clear_script()
    assert (await control.stats())["script"]["pending"] == 0


@pytest.mark.parametrize(
    ("signature", "verdict"),
    [("valid", Verdict.VALID), ("none", Verdict.MISSING), ("wrong", Verdict.MISMATCH)],
)
async def test_raw_bytes_go_as_they_are_and_once(
    control: EmulatorClient, receiver: Receiver, signature: str, verdict: Verdict
) -> None:
    receiver.answers = [418]
    body = rb'{"object":"x","text":"\u00e4\/"}'
    assert await control.raw(body, signature) == {"status": 418, "text": ""}
    assert receiver.verdicts == {verdict: 1}


async def test_the_handshake_of_a_callback_url(control: EmulatorClient) -> None:
    assert await control.handshake(VERIFY_TOKEN)
    assert not await control.handshake("another")


async def test_reset_forgets(
    emulator: Emulator, control: EmulatorClient, graph: GraphClient, receiver: Receiver
) -> None:
    here = receiver.url
    await control.route("http://127.0.0.1:1/webhooks")
    await control.inbound(people(9), concurrency=2)
    await graph.send_message(PHONE, TOKEN, text())
    await control.script({"do": "reset"})
    await control.reset()
    stats = await control.stats()
    assert (
        stats["ledger"]["last"] == stats["webhooks"]["pending"] == stats["script"]["pending"] == 0
    )
    await control.route(here)
    answer = await control.inbound(people(1), wait=True)
    assert [m["id"] for m in receiver.messages()] == answer["ids"]
    assert emulator.webhooks.summary()["inbound_delivered"] == 1


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("inbound", b"{", "400"),
        ("inbound", b'{"messages":[]}', "400"),
        ("inbound", b'{"messages":[{"phone_number_id":"1","text":"x"}]}', "400"),
        ("script", b'{"faults":[{"do":"explode"}]}', "400"),
        ("webhooks", b'{"url":"file:///etc/passwd"}', "400"),
        ("raw?object=group", b"{}", "409"),
        ("raw?signature=forged", b"{}", "400"),
        ("media", b'{"mime_type":"image/png","content":"***"}', "400"),
        ("statuses", b'{"names":["lost"]}', "400"),
    ],
)
async def test_the_control_api_says_what_is_wrong(
    emulator: Emulator, path: str, body: bytes, status: str
) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{emulator.url}/_emulator/{path}", data=body) as response,
    ):
        assert (await response.json())["error"]
        assert str(response.status) == status


async def test_a_web_page_cannot_make_it_sign(emulator: Emulator, receiver: Receiver) -> None:
    url, page = f"{emulator.url}/_emulator/raw", {"Origin": "https://evil.example"}
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=b"{}", headers=page) as response,
    ):
        assert response.status == 403
    assert not receiver.bodies


async def test_a_full_emulator_takes_nothing(receiver: Receiver) -> None:
    settings = EmulatorSettings(
        meta_app_secrets=(SecretStr("s"),),
        emulator_webhooks={WHATSAPP: receiver.url},
        emulator_max_pending=2,
    )
    async with Emulator(settings) as emulator, EmulatorClient(emulator.url) as control:
        with pytest.raises(ControlError, match="503"):
            await control.inbound(people(3))
        assert receiver.bodies == []
        assert (await control.inbound(people(3), concurrency=2, wait=True))["pending"] == 0


async def test_many_at_once_all_arrive(control: EmulatorClient, receiver: Receiver) -> None:
    answers = await asyncio.gather(
        *(control.inbound(people(200), wait=True, batch=7, duplicates=0.2) for _ in range(5))
    )
    sent = {wamid for answer in answers for wamid in answer["ids"]}
    assert {m["id"] for m in receiver.messages()} == sent
    assert len(sent) == 1000
