"""What each webhook is answered, and what it leaves behind: over the fake and the real bus."""

import asyncio
import gzip
import itertools
import json
import zlib
from urllib.parse import urlsplit

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from adapter.webhooks import HEADERS
from ingest_whatsapp.main import PATH
from metagraph.signature import HEADER, sign
from support import whatsapp as wa
from support.waiting import until_true
from support.whatsapp_gate import OLD_SECRET, QUEUE_EVENTS, SECRET, TOKEN, Gate

MIB = 1024 * 1024


async def nothing_is_stored(gate: Gate) -> bool:
    return await gate.events() == [] and await gate.dead() == []


async def test_a_signed_message_is_on_disk_when_200_is_answered(gate: Gate) -> None:
    assert await gate.post(wa.texts([1])) == (200, "stored")
    (event,) = await gate.events()
    assert event["type"] == "sluice.message.v1"
    assert event["data"]["parts"] == [{"kind": "text", "text": "Hello"}]


async def test_the_secret_before_the_rotation_still_opens(gate: Gate) -> None:
    body = wa.texts([1])
    assert await gate.post(body, signature=sign(body, OLD_SECRET)) == (200, "stored")


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "sha256=",
        "sha1=" + "0" * 40,
        "sha256=" + "0" * 64,
        sign(wa.texts([2]), SECRET),
        sign(wa.texts([1]), b"another secret"),
        sign(wa.texts([1]), SECRET).upper(),
        sign(wa.texts([1]), SECRET) + "00",
    ],
)
async def test_without_a_right_signature_nothing_is_stored(
    gate: Gate, signature: str | None
) -> None:
    assert await gate.post(wa.texts([1]), signature=signature) == (401, "unsigned")
    assert await nothing_is_stored(gate)


async def test_a_signature_covers_the_bytes_as_they_came(gate: Gate) -> None:
    body = wa.texts([1]).replace(b"Hello", rb"\u00e4\u00f6\u00e5 \/ \u003c")
    assert await gate.post(body) == (200, "stored")
    assert (await gate.events())[0]["data"]["parts"][0]["text"] == "äöå / <"
    reserialized = json.dumps(json.loads(body)).encode()
    assert (await gate.post(reserialized, signature=sign(body, SECRET)))[0] == 401


async def test_five_mebibytes_are_too_large_announced_or_not(gate: Gate) -> None:
    body = wa.texts([1], "x" * 5 * MIB)
    assert await gate.post(body) == (413, "large")

    async def trickle() -> object:
        for start in range(0, len(body), MIB):
            yield body[start : start + MIB]

    headers = {HEADER: sign(body, SECRET)}
    async with gate.session.post(gate.url, data=trickle(), headers=headers) as response:
        assert response.status == 413
    assert await nothing_is_stored(gate)


async def test_three_mebibytes_of_thousands_of_items_are_taken_whole(gate: Gate) -> None:
    numbers = range(9000)
    body = wa.texts(numbers, "x" * 250)
    assert 3 * MIB < len(body) < 4 * MIB
    assert len(numbers) > QUEUE_EVENTS
    assert await gate.post(body) == (200, "stored")
    assert await gate.external_ids() == [wa.text(n)["id"] for n in numbers]


async def test_a_chunk_of_history_of_three_mebibytes_is_taken_whole(gate: Gate) -> None:
    messages = [wa.text(number, "x" * 250) for number in range(9000)]
    threads = [{"id": wa.PERSON, "messages": messages}]
    body = wa.body(wa.value(history=[{"threads": threads}]), field="history")
    assert 3 * MIB < len(body) < 4 * MIB
    assert await gate.post(body) == (200, "stored")
    events = await gate.events()
    assert len(events) == len(messages)
    assert all(event["data"]["history"] for event in events)


async def test_one_message_of_almost_four_mebibytes_is_kept_raw(gate: Gate) -> None:
    words = "x" * (4 * MIB - 1000)
    assert await gate.post(wa.texts([1], words)) == (200, "stored")
    (event,) = await gate.events()
    assert event["data"]["why"] == "oversized"
    assert json.loads(event["data"]["raw"])["text"]["body"] == words


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"this is not JSON", "unparsable"),
        (b"", "unparsable"),
        (b'{"object": "whatsapp_business_account", "entry": [\xff\xfe]}', "unparsable"),
        (b"[" * 10_000 + b"]" * 10_000, "unparsable"),
        (b'{"object": "page", "entry": [{"id": "1", "messaging": [{}]}]}', "unknown_object"),
        (b"[]", "unknown_object"),
    ],
    ids=["text", "empty", "invalid UTF-8", "10,000 deep", "another object", "no object"],
)
async def test_what_nobody_can_read_is_laid_down_with_its_bytes(
    gate: Gate, body: bytes, reason: str
) -> None:
    assert await gate.post(body) == (200, "stored")
    assert await gate.post(body) == (200, "stored")
    assert await gate.dead() == [(reason, body)]
    assert await gate.events() == []


async def test_one_lone_surrogate_costs_none_of_a_thousand(gate: Gate) -> None:
    body = wa.texts(range(1000)).replace(b"Hello", rb"half \ud83d", 1)
    assert await gate.post(body) == (200, "stored")
    events = await gate.events()
    assert len(events) == 1000
    assert events[0]["data"]["parts"][0]["text"] == "half \ufffd"


async def test_nul_is_replaced_before_it_reaches_a_database(gate: Gate) -> None:
    assert await gate.post(wa.texts([1]).replace(b"Hello", rb"a\u0000b")) == (200, "stored")
    assert (await gate.events())[0]["data"]["parts"][0]["text"] == "a\ufffdb"


async def test_items_no_event_can_carry_go_to_dead_and_cost_no_other(gate: Gate) -> None:
    webhook = wa.webhook(wa.value(messages=[wa.text(1)]))
    webhook["entry"].insert(0, {"changes": [{"field": "messages", "value": {"messages": [{}]}}]})
    assert await gate.post(json.dumps(webhook).encode()) == (200, "stored")
    assert await gate.external_ids() == ["wamid.TEXT000001"]
    assert await gate.dead() == [("no_account", b"{}")]


async def test_of_many_items_without_an_account_the_whole_body_is_laid_down(gate: Gate) -> None:
    webhook = wa.webhook(wa.value(messages=[wa.text(n) for n in range(100)]))
    del webhook["entry"][0]["id"], webhook["entry"][0]["changes"][0]["value"]["metadata"]
    body = json.dumps(webhook).encode()
    assert await gate.post(body) == (200, "stored")
    assert await gate.dead() == [("quarantined", body)]


@pytest.mark.parametrize(
    ("encoding", "encoded"),
    [("gzip", gzip.compress(wa.texts([1]))), ("deflate", zlib.compress(wa.texts([1])))],
)
async def test_a_compressed_body_is_signed_as_what_it_says(
    gate: Gate, encoding: str, encoded: bytes
) -> None:
    headers = {"Content-Encoding": encoding}
    answer = await gate.post(encoded, signature=sign(wa.texts([1]), SECRET), **headers)
    assert answer == (200, "stored")
    assert await gate.external_ids() == ["wamid.TEXT000001"]


async def test_a_compressed_bomb_is_too_large(gate: Gate) -> None:
    bomb = gzip.compress(b" " * 100 * MIB, compresslevel=9)
    assert len(bomb) < MIB
    assert await gate.post(bomb, **{"Content-Encoding": "gzip"}) == (413, "large")


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_broken_encoding_is_not_taken_for_a_body(gate: Gate, encoding: str) -> None:
    status, _ = await gate.post(b"\x1f\x8b not compressed", **{"Content-Encoding": encoding})
    assert status in {400, 401}
    assert await nothing_is_stored(gate)


async def test_a_body_that_does_not_come_is_not_waited_for(gate: Gate) -> None:
    answer = await _raw(gate, b"Content-Length: 100\r\n\r\n{")
    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_a_sender_that_hangs_up_leaves_nothing(gate: Gate) -> None:
    address = urlsplit(gate.url)
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(f"POST {address.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{{".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    assert await gate.post(wa.texts([1])) == (200, "stored")
    assert await gate.external_ids() == ["wamid.TEXT000001"]


async def test_what_was_answered_200_survives_the_death_of_the_bus(gate: Gate) -> None:
    numbers = itertools.count()
    answers: dict[str, int] = {}
    over = asyncio.Event()

    async def keep_posting() -> None:
        while not over.is_set():
            number = next(numbers)
            answers[wa.text(number)["id"]] = (await gate.post(wa.texts([number])))[0]

    async def answered(status: int, at_least: int) -> bool:
        return sum(answer == status for answer in answers.values()) >= at_least

    posting = [asyncio.create_task(keep_posting()) for _ in range(8)]
    await until_true(lambda: answered(200, 50))
    await gate.rig.outage()
    await until_true(lambda: answered(503, 8))
    await gate.rig.recover()
    before = sum(answer == 200 for answer in answers.values())
    await until_true(lambda: answered(200, before + 50))
    over.set()
    await asyncio.gather(*posting)

    assert set(answers.values()) == {200, 503}
    taken = {number for number, answer in answers.items() if answer == 200}
    assert taken <= set(await gate.external_ids())


async def test_not_json_without_the_bus_is_not_taken_either(gate: Gate) -> None:
    await gate.rig.outage()
    assert (await gate.post(b"not JSON"))[0] == 503
    await gate.rig.recover()
    assert await gate.post(b"not JSON") == (200, "stored")
    assert ("unparsable", b"not JSON") in await gate.dead()


async def test_every_item_is_counted_once(gate: Gate) -> None:
    def counted() -> tuple[float, float]:
        outcomes = sum(
            REGISTRY.get_sample_value(
                "sluice_outcomes_total",
                {"stage": "receive", "outcome": outcome, "reason": reason},
            )
            or 0
            for outcome, reason in (
                ("accepted", "message.text"),
                ("accepted", "status.read"),
                ("unsupported", "unknown_kind"),
                ("repeated", "same_id"),
                ("quarantined", "no_account"),
            )
        )
        return REGISTRY.get_sample_value("sluice_webhook_items_total") or 0, outcomes

    items, outcomes = counted()
    messages = [wa.text(1), wa.text(1), wa.text(2, type="hologram"), wa.text(3)]
    webhook = wa.webhook(wa.value(messages=messages, statuses=[wa.status(1, "read")]))
    webhook["entry"].append("nobody's")
    assert await gate.post(json.dumps(webhook).encode()) == (200, "stored")
    assert counted() == (items + 6, outcomes + 6)


async def test_nothing_of_a_body_is_logged(gate: Gate) -> None:
    body = wa.body(wa.value(messages=[wa.text(1, "my secret", type="image"), "my secret"]))
    with capture_logs() as lines:
        await gate.post(body)
        await gate.post(body, signature="sha256=" + "0" * 64)
        await gate.post(b"my secret")
    logged = repr(lines)
    assert "unsupported_kind_seen" in logged
    for private in ("my secret", wa.PERSON, "Sheena"):
        assert private not in logged


@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ({"hub.mode": "subscribe", "hub.verify_token": TOKEN.decode(), "hub.challenge": "42"},
         200, "42"),
        ({"hub.mode": "subscribe", "hub.verify_token": "guess", "hub.challenge": "42"},
         403, "forbidden"),
        ({"hub.mode": "subscribe", "hub.challenge": "42"}, 403, "forbidden"),
        ({}, 403, "forbidden"),
    ],
)  # fmt: skip
async def test_the_handshake(gate: Gate, query: dict[str, str], status: int, text: str) -> None:
    async with gate.session.get(gate.url, params=query) as response:
        assert (response.status, await response.text()) == (status, text)
        assert response.content_type == "text/plain"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", PATH, 405),
        ("DELETE", PATH, 405),
        ("POST", "/", 404),
        ("POST", PATH + "/other", 404),
        ("GET", "/metrics", 404),
    ],
)
async def test_there_is_nothing_else(gate: Gate, method: str, path: str, status: int) -> None:
    url = gate.url.removesuffix(PATH) + path
    async with gate.session.request(method, url, data=b"x") as response:
        assert response.status == status
        for name, value in HEADERS.items():
            assert response.headers[name] == value


async def _raw(gate: Gate, headers_and_body: bytes) -> bytes:
    """Bytes over a socket, as no client library would send them; the first line of the answer."""
    address = urlsplit(gate.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(f"POST {address.path} HTTP/1.1\r\nHost: x\r\n".encode() + headers_and_body)
    line = await asyncio.wait_for(reader.readline(), 20)
    writer.close()
    await writer.wait_closed()
    return line
