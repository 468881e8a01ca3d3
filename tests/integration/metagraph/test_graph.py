"""The Graph client against the emulator: what is certain after each way a call can end."""

import asyncio
import gc
import socket
from typing import Any

import pytest
from prometheus_client import REGISTRY

from integration.metagraph.receiver import until
from metagraph.emulator.app import Emulator
from metagraph.emulator.script import fault
from metagraph.errors import Ambiguous, NotSent, Unreachable
from metagraph.graph import GraphClient, MediaLink, Recipient, open_session

PHONE, TOKEN = "106540352242922", "EAAG-token"


def text(body: str = "hello", to: str = "16505551234", ref: str = "ref-1") -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "to": to,
        "type": "text",
        "text": {"body": body},
        "biz_opaque_callback_data": ref,
    }


def calls(outcome: str, reason: str = "", call: str = "send") -> float:
    labels = {"call": call, "outcome": outcome, "reason": reason}
    return REGISTRY.get_sample_value("sluice_graph_calls_total", labels) or 0.0


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def test_an_accepted_message_is_sent_once(emulator: Emulator, graph: GraphClient) -> None:
    before = calls("ok")
    sent = await graph.send_message(PHONE, TOKEN, text("Grüße 😀", to="+16505551234"))
    [entry] = emulator.ledger.after(0)
    assert sent.message_id == entry.wamid
    assert sent.contacts == (Recipient("+16505551234", "16505551234", None),)
    assert (entry.phone_number_id, entry.to, entry.ref) == (PHONE, "16505551234", "ref-1")
    assert entry.body["text"]["body"] == "Grüße 😀"
    assert calls("ok") == before + 1


async def test_a_user_id_instead_of_a_number(graph: GraphClient) -> None:
    body = {k: v for k, v in text().items() if k != "to"} | {"recipient": "US.13491208"}
    sent = await graph.send_message(PHONE, TOKEN, body)
    assert sent.contacts == (Recipient("US.13491208", None, "US.13491208"),)


@pytest.mark.parametrize(
    ("code", "subcode", "kind", "retry"),
    [
        (190, None, "auth", False),
        (80007, None, "throttle_app", True),
        (130429, None, "throttle_phone", True),
        (131056, None, "throttle_pair", True),
        (131048, None, "quality", False),
        (131047, None, "window", False),
        (10, 2018278, "window", False),
        (131026, None, "undeliverable", False),
        (131049, None, "declined", False),
        (131000, None, "transient", True),
        (131053, None, "media", True),
        (131042, None, "payment", False),
        (131009, None, "content", False),
        (999999, None, "unknown", False),
    ],
)
async def test_graphs_errors_are_certainly_not_sent(
    emulator: Emulator,
    graph: GraphClient,
    code: int,
    subcode: int | None,
    kind: str,
    retry: bool,  # noqa: FBT001 - a column of the table
) -> None:
    emulator.script.add([fault(do="error", code=code, subcode=subcode)])
    before = calls("not_sent", kind)
    with pytest.raises(NotSent) as error:
        await graph.send_message(PHONE, TOKEN, text())
    assert (error.value.kind, error.value.retry) == (kind, retry)
    assert emulator.ledger.after(0) == []
    assert calls("not_sent", kind) == before + 1


@pytest.mark.parametrize(
    ("label", "order", "reason", "accepted"),
    [
        ("never answered", {"do": "accept_then_hang", "seconds": 30}, "timeout", 1),
        ("cut after acceptance", {"do": "accept_then_reset"}, "reset", 1),
        ("cut before acceptance looks the same", {"do": "reset"}, "reset", 0),
        ("500 page", {"do": "http", "status": 500}, "no_json", 0),
        ("502 empty", {"do": "http", "status": 502, "body": ""}, "no_json", 0),
        ("200 without JSON", {"do": "http", "status": 200}, "no_json", 0),
        ("200 without an id", {"do": "http", "status": 200, "body": "{}"}, "no_id", 0),
        (
            "200, ids of no kind",
            {"do": "http", "status": 200, "body": '{"messages":[1]}'},
            "no_id",
            0,
        ),
        ("200, a list", {"do": "http", "status": 200, "body": "[1]"}, "no_id", 0),
        (
            "an endless answer",
            {"do": "http", "status": 200, "body": "x" * 1_500_000},
            "oversized",
            0,
        ),
    ],
)
async def test_without_a_clear_answer_it_may_have_been_sent(
    emulator: Emulator,
    graph: GraphClient,
    label: str,
    order: dict[str, Any],
    reason: str,
    accepted: int,
) -> None:
    emulator.script.add([fault(**order)])
    before = calls("ambiguous", reason)
    with pytest.raises(Ambiguous) as error:
        await graph.send_message(PHONE, TOKEN, text())
    assert error.value.reason == reason, label
    assert len(emulator.ledger.after(0)) == accepted
    assert emulator.script.pending() == 0, "it was not called a second time"
    assert calls("ambiguous", reason) == before + 1


async def test_a_slow_answer_is_waited_for(emulator: Emulator, graph: GraphClient) -> None:
    emulator.script.add([fault(do="delay", seconds=0.2)])
    assert (await graph.send_message(PHONE, TOKEN, text())).message_id


async def test_a_redirect_is_not_followed(emulator: Emulator, graph: GraphClient) -> None:
    elsewhere = {"Location": f"{emulator.url}/v23.0/{PHONE}/messages"}
    emulator.script.add([fault(do="http", status=307, headers=elsewhere)])
    with pytest.raises(NotSent) as error:
        await graph.send_message(PHONE, TOKEN, text())
    assert not error.value.retry
    assert emulator.ledger.after(0) == []


async def test_metas_own_wait_is_heeded(emulator: Emulator, graph: GraphClient) -> None:
    headers = {"Retry-After": "120"}
    emulator.script.add([fault(do="http", status=429, headers=headers)])
    with pytest.raises(NotSent) as error:
        await graph.send_message(PHONE, TOKEN, text())
    assert error.value.delay(1) == 120


async def test_a_body_that_no_json_holds_is_certainly_not_sent(graph: GraphClient) -> None:
    """A person may write any number into a message of the platform's own form."""
    with pytest.raises(NotSent) as caught:
        await graph.send_message("1065", "token", {"type": "text", "text": 2**80})
    assert (caught.value.kind, caught.value.reason) == ("content", "unwritable")


async def test_a_refused_connection_is_certainly_not_sent_and_was_tried_again() -> None:
    origin = f"http://127.0.0.1:{free_port()}"
    before = REGISTRY.get_sample_value("sluice_graph_reconnects_total") or 0
    async with open_session() as session:
        graph = GraphClient(session, origin=origin, allowed=[origin], timeout_s=10)
        with pytest.raises(Unreachable) as error:
            await graph.send_message(PHONE, TOKEN, text())
    assert error.value.retry
    assert error.value.delay(1) > 0
    assert REGISTRY.get_sample_value("sluice_graph_reconnects_total") == before + 2


@pytest.mark.parametrize(
    ("label", "origin"),
    [
        ("no such host", "http://graph.invalid"),
        ("no TLS on the other side", "https://127.0.0.1:{port}"),
    ],
)
async def test_no_connection_of_any_kind(emulator: Emulator, label: str, origin: str) -> None:
    origin = origin.format(port=emulator.url.rsplit(":", 1)[1])
    async with open_session() as session:
        graph = GraphClient(session, origin=origin, allowed=[origin], timeout_s=10)
        with pytest.raises(Unreachable):
            await graph.send_message(PHONE, TOKEN, text())
    assert emulator.ledger.after(0) == [], label


async def test_waiting_for_a_connection_is_not_sending(emulator: Emulator) -> None:
    emulator.script.add([fault(do="accept_then_hang", seconds=30)])
    async with open_session(connections=1) as session:
        patient, hasty = (
            GraphClient(session, origin=emulator.url, allowed=[emulator.url], timeout_s=seconds)
            for seconds in (30, 0.2)
        )
        first = asyncio.create_task(patient.send_message(PHONE, TOKEN, text(ref="first")))
        await until(lambda: emulator.ledger.after(0) != [])
        with pytest.raises(Unreachable):
            await hasty.send_message(PHONE, TOKEN, text(ref="second"))
        first.cancel()
        await asyncio.wait([first])
    assert [entry.ref for entry in emulator.ledger.after(0)] == ["first"]


async def test_a_cancelled_call_leaves_no_connection_behind(
    emulator: Emulator, graph: GraphClient
) -> None:
    emulator.script.add([fault(do="delay", seconds=30)])
    call = asyncio.create_task(graph.send_message(PHONE, TOKEN, text()))
    await until(lambda: emulator.script.pending() == 0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert (await graph.send_message(PHONE, TOKEN, text())).message_id


@pytest.mark.parametrize("token", ["", "two words", "line\r\nX-Evil: 1", "ключ"])
async def test_a_token_stays_in_its_header(graph: GraphClient, token: str) -> None:
    with pytest.raises(NotSent) as error:
        await graph.send_message(PHONE, token, text())
    assert error.value.kind == "auth"


@pytest.mark.parametrize("number", ["", "../me", "1?access_token=x", "1/2", "1#", "п"])
async def test_an_id_stays_in_its_place(graph: GraphClient, number: str) -> None:
    with pytest.raises(NotSent) as error:
        await graph.send_message(number, TOKEN, text())
    assert error.value.reason == "malformed_id"


async def test_an_error_carries_no_token(emulator: Emulator, graph: GraphClient) -> None:
    emulator.script.add([fault(do="accept_then_reset"), fault(do="http", status=500)])
    for _ in range(2):
        with pytest.raises(Ambiguous) as error:
            await graph.send_message(PHONE, TOKEN, text("private words"))
        shown = f"{error.value!r} {error.value.__dict__} {error.value.__cause__!r}"
        assert error.value.__context__ is None or error.value.__suppress_context__
        assert TOKEN not in shown
        assert "private words" not in shown


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://graph.facebook.com.evil.example", ["https://graph.facebook.com"]),
        ("http://graph.facebook.com", ["https://graph.facebook.com"]),
        ("https://graph.facebook.com:444", ["https://graph.facebook.com"]),
        ("https://graph.facebook.com/path", ["https://graph.facebook.com"]),
        ("https://user:word@graph.facebook.com", ["https://graph.facebook.com"]),
        ("https://graph.facebook.com?x=1", ["https://graph.facebook.com"]),
        ("ftp://graph.facebook.com", ["ftp://graph.facebook.com"]),
        ("graph.facebook.com", ["graph.facebook.com"]),
        ("http://127.0.0.1:1", ["http://127.0.0.1:2"]),
        ("https://graph.facebook.com", []),
    ],
)
async def test_an_origin_that_is_not_allowed_makes_no_client(
    origin: str, allowed: list[str]
) -> None:
    async with open_session() as session:
        with pytest.raises(ValueError, match="origin"):
            GraphClient(session, origin=origin, allowed=allowed)


async def test_origins_are_compared_as_origins() -> None:
    async with open_session() as session:
        GraphClient(session)
        GraphClient(session, origin="https://GRAPH.facebook.com:443/")
        with pytest.raises(ValueError, match="version"):
            GraphClient(session, version="../v23.0")


async def test_media_is_found_by_its_id(emulator: Emulator, graph: GraphClient) -> None:
    file = emulator.files.put(b"pixels", "image/png")
    link = await graph.get_media(file.id, TOKEN, phone_number_id=PHONE)
    assert link.url.startswith(f"{emulator.url}/_media/{file.id}?")
    assert link == MediaLink(link.url, "image/png", file.sha256, len(b"pixels"))
    async with open_session() as session:
        async with session.get(link.url) as refused:
            assert refused.status == 404
        async with session.get(link.url, headers={"Authorization": f"Bearer {TOKEN}"}) as response:
            assert await response.read() == b"pixels"
    with pytest.raises(NotSent):
        await graph.get_media("1234", TOKEN)


async def test_reading_may_always_be_repeated() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, open_session() as session:
        graph = GraphClient(session, origin=origin, allowed=[origin], timeout_s=10)
        with pytest.raises(Unreachable):
            await graph.get_media("1", TOKEN)
    gc.collect()
