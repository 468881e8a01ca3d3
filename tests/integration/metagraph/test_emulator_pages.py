"""The emulator as Messenger and Instagram: people write, sends echo, files come and go."""

from typing import Any

import aiohttp
import pytest

from integration.metagraph.receiver import Receiver, until
from metagraph.download import Downloader
from metagraph.emulator.app import Emulator
from metagraph.emulator.client import ControlError, EmulatorClient
from metagraph.emulator.script import fault
from metagraph.errors import NotSent
from metagraph.fates import DownloadError
from metagraph.graph import ME, GraphClient
from metagraph.signature import Verdict

PAGE_ID, IG_ID, TOKEN = "9001", "17841", "EAAG-token"
ACCOUNTS = {"page": PAGE_ID, "instagram": IG_ID}


def people(count: int, name: str = "page") -> list[dict[str, Any]]:
    return [
        {"object": name, "account": ACCOUNTS[name], "from": f"50{n:04}", "text": f"no {n}"}
        for n in range(count)
    ]


def answer_to(person: str, **message: Any) -> dict[str, Any]:
    message = message or {"text": "hello", "metadata": "ref-1"}
    return {"recipient": {"id": person}, "messaging_type": "RESPONSE", "message": message}


@pytest.mark.parametrize("name", ["page", "instagram"])
@pytest.mark.parametrize(
    ("manner", "posts", "copies"),
    [
        ({}, 20, 1),
        ({"batch": 8}, 3, 1),
        ({"duplicates": 1.0}, 40, 2),
        ({"shuffle": True, "late": 0.5, "late_s": 0.05}, 20, 1),
    ],
)
async def test_what_people_write_arrives_signed_as_often_as_asked(
    control: EmulatorClient,
    receiver: Receiver,
    name: str,
    manner: dict[str, Any],
    posts: int,
    copies: int,
) -> None:
    answer = await control.inbound(people(20, name), wait=True, **manner)
    assert answer["settled"] == {"delivered": posts}
    assert set(receiver.verdicts) == {Verdict.VALID}
    assert {body["object"] for body in receiver.bodies} == {name}
    mids = [message["mid"] for message in receiver.events("message")]
    assert sorted(mids) == sorted(answer["ids"] * copies)


async def test_all_platforms_in_one_request(control: EmulatorClient, receiver: Receiver) -> None:
    both = people(3) + people(3, "instagram")
    numbers = [{"phone_number_id": "1", "from": "491", "text": "hi"}]
    answer = await control.inbound(both + numbers, wait=True, batch=10)
    assert answer["settled"] == {"delivered": 3}
    assert len(receiver.events("message")) == 6
    assert len(receiver.messages()) == 1


async def test_a_message_echoes_is_delivered_and_read(
    control: EmulatorClient, graph: GraphClient, receiver: Receiver
) -> None:
    await control.account(object="page", id=PAGE_ID, token=TOKEN)
    sent = await graph.send_page_message(TOKEN, answer_to("500001"))
    await until(lambda: len(receiver.events()) == 3)
    [echo] = receiver.events("message")
    assert echo["app_id"] == 1517776481860111
    assert (echo["mid"], echo["is_echo"], echo["metadata"], echo["text"]) == (
        sent.message_id, True, "ref-1", "hello",
    )  # fmt: skip
    assert [event["mids"] for event in receiver.events("delivery")] == [[sent.message_id]]
    assert [set(event) for event in receiver.events("read")] == [{"watermark"}]
    for event in receiver.events():
        ends = event["sender"]["id"], event["recipient"]["id"]
        assert ends == ((PAGE_ID, "500001") if "message" in event else ("500001", PAGE_ID))


@pytest.mark.parametrize("marked", [False, True])
async def test_instagrams_echo_has_no_marks_unless_asked_for(
    control: EmulatorClient,
    graph: GraphClient,
    receiver: Receiver,
    marked: bool,  # noqa: FBT001 - a column of the table
) -> None:
    await control.echoes(marks_instagram=marked, delay_s=0)
    await control.inbound(people(1, "instagram"), wait=True)
    sent = await graph.send_page_message(TOKEN, answer_to("500000"))
    await until(lambda: len(receiver.events()) == 3)
    [echo] = [one for one in receiver.events("message") if one.get("is_echo")]
    assert echo["mid"] == sent.message_id
    assert len(sent.message_id) > 160
    assert {"app_id", "metadata"} & set(echo) == ({"app_id", "metadata"} if marked else set())
    assert receiver.events("read") == [{"mid": sent.message_id}]
    assert receiver.events("delivery") == []


async def test_an_echo_may_come_before_the_answer(
    control: EmulatorClient, graph: GraphClient, receiver: Receiver
) -> None:
    await control.echoes(when="before")
    await control.statuses(names=[])
    sent = await graph.send_page_message(TOKEN, answer_to("5"))
    assert [echo["mid"] for echo in receiver.events("message")] == [sent.message_id]


async def test_without_echoes_nothing_follows(
    emulator: Emulator, control: EmulatorClient, graph: GraphClient
) -> None:
    await control.echoes(when="off")
    emulator.script.add([fault(do="fail_later", code=551)])
    await graph.send_page_message(TOKEN, answer_to("5"))
    webhooks = (await control.stats())["webhooks"]
    assert (webhooks["echo_submitted"], webhooks["status_submitted"]) == (0, 0)


async def test_a_file_sent_comes_back_as_a_url(
    emulator: Emulator, graph: GraphClient, receiver: Receiver
) -> None:
    file = emulator.files.put(b"cat", "image/png")
    attachment = {"type": "image", "payload": {"attachment_id": file.id}}
    await graph.send_page_message(TOKEN, answer_to("5", attachment=attachment))
    await until(lambda: bool(receiver.events("message")))
    [echo] = receiver.events("message")
    url = f"{emulator.url}/_cdn/{file.id}"
    assert echo["attachments"] == [{"type": "image", "payload": {"url": url}}]


async def test_an_upload_sent_over_instagram_comes_back_as_what_it_is(
    emulator: Emulator, control: EmulatorClient, graph: GraphClient, receiver: Receiver
) -> None:
    await control.inbound(people(1, "instagram"), wait=True)
    file = emulator.files.put(b"cat", "image/png")
    attachment = {"type": "MEDIA_SHARE", "payload": {"id": file.id}}
    await graph.send_page_message(TOKEN, answer_to("500000", attachment=attachment))
    await until(lambda: any(one.get("is_echo") for one in receiver.events("message")))
    [echo] = [one for one in receiver.events("message") if one.get("is_echo")]
    assert [one["type"] for one in echo["attachments"]] == ["image"]


async def test_the_account_is_where_the_person_wrote(
    emulator: Emulator, control: EmulatorClient, graph: GraphClient
) -> None:
    """A page's token speaks for its Instagram account too: the person tells which is meant."""
    await control.account(object="page", id=PAGE_ID, token=TOKEN)
    await control.inbound(people(1, "instagram"), wait=True)
    await graph.send_page_message(TOKEN, answer_to("500000"))
    await graph.send_page_message(TOKEN, answer_to("999"))
    await graph.send_page_message("other", answer_to("999"), node="77")
    entries = [(one.object, one.phone_number_id) for one in emulator.ledger.after(0)]
    assert entries == [("instagram", IG_ID), ("page", PAGE_ID), ("page", "77")]


async def test_who_writes_somewhere_else_is_at_home_there(
    emulator: Emulator, control: EmulatorClient, graph: GraphClient
) -> None:
    await control.person(id="500000", name="Ann Lee")
    for name in ("page", "instagram"):
        await control.inbound(people(1, name), wait=True)
        await graph.send_page_message(TOKEN, answer_to("500000"))
    assert [one.object for one in emulator.ledger.after(0)] == ["page", "instagram"]
    assert (await graph.profile("500000", ["name"], TOKEN))["name"] == "Ann Lee"


async def test_nobody_registered_is_nobody(emulator: Emulator, graph: GraphClient) -> None:
    await graph.send_page_message(TOKEN, answer_to("999"))
    assert emulator.ledger.after(0)[0].phone_number_id == "0"
    assert (await graph.account(ME, ["id"], TOKEN))["id"] == "0"


async def test_limits_hold(control: EmulatorClient, graph: GraphClient) -> None:
    await control.inbound(people(1, "instagram"), wait=True)
    with pytest.raises(NotSent) as error:
        await graph.send_page_message(TOKEN, answer_to("500000", text="ä" * 501))
    assert error.value.kind == "content"


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        ("v23.0/me/messages", b"{}", {}),
        ("v23.0/1/media", b"{}", {"Authorization": "Bearer x"}),
        ("v23.0/1/media", b"{}", {}),
        ("v23.0/me/message_attachments", b"{}", {"Authorization": "Bearer x"}),
        ("v23.0/me/message_attachments", b"{}", {}),
        ("v23.0/me/subscribed_apps", b"{}", {}),
    ],
)
async def test_graph_refuses(
    emulator: Emulator, path: str, body: bytes, headers: dict[str, str]
) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{emulator.url}/{path}", data=body, headers=headers) as response,
    ):
        assert (await response.json())["error"]["code"] == (100 if headers else 190)


async def fetch(emulator: Emulator, url: str, token: str | None = TOKEN) -> bytes:
    found = bytearray()

    async def sink(chunk: bytes) -> None:
        found.extend(chunk)

    here = [emulator.url]
    async with Downloader(allowed=here, takes_token=here) as downloader:
        await downloader.fetch(url, token=token, max_bytes=10**6, sink=sink)
    return bytes(found)


async def test_whatsapps_file_comes_by_a_link_that_expires(
    emulator: Emulator, control: EmulatorClient, graph: GraphClient, receiver: Receiver
) -> None:
    file = await control.media(b"voice", "audio/ogg")
    message = {"phone_number_id": "1", "from": "491", "media": [file["id"]], "voice": True}
    await control.inbound([message], wait=True)
    audio = receiver.messages()[0]["audio"]
    assert (audio["id"], audio["sha256"], audio["voice"]) == (file["id"], file["sha256"], True)
    assert await fetch(emulator, audio["url"]) == b"voice"
    link = (await graph.get_media(file["id"], TOKEN)).url
    for url, token in ((link, None), (link + "0", TOKEN), (link.partition("?")[0], TOKEN)):
        with pytest.raises(DownloadError, match="expired"):
            await fetch(emulator, url, token)
    emulator.links.ttl_s = -1
    stale = (await graph.get_media(file["id"], TOKEN)).url
    with pytest.raises(DownloadError) as error:
        await fetch(emulator, stale)
    assert error.value.refetch
    assert await fetch(emulator, link) == b"voice"


async def test_a_pages_file_comes_without_a_token_until_it_is_purged(
    emulator: Emulator, control: EmulatorClient, receiver: Receiver
) -> None:
    file = await control.media(b"cat", "image/png")
    await control.inbound([people(1)[0] | {"media": [file["id"]]}], wait=True)
    [message] = receiver.events("message")
    [attachment] = message["attachments"]
    assert (message["text"], attachment["type"]) == ("no 0", "image")
    url = attachment["payload"]["url"]
    assert await fetch(emulator, url, token=None) == b"cat"
    assert await control.purge(file["id"])
    assert not await control.purge(file["id"])
    with pytest.raises(DownloadError, match="expired"):
        await fetch(emulator, url)


async def test_files_fail_on_order(
    emulator: Emulator, control: EmulatorClient, graph: GraphClient
) -> None:
    file = await control.media(b"cat", "image/png")
    await control.script(
        {"do": "error", "code": 100, "subcode": 33, "match": {"type": "media"}},
        {"do": "http", "status": 404, "match": {"type": "file"}},
        {"do": "error", "code": 4},
    )
    with pytest.raises(NotSent):
        await graph.get_media(file["id"], TOKEN)
    link = (await graph.get_media(file["id"], TOKEN)).url
    with pytest.raises(DownloadError, match="expired"):
        await fetch(emulator, link)
    assert await fetch(emulator, link) == b"cat"
    assert emulator.script.pending() == 1, "what is meant for a message waits for one"


async def test_a_face_is_a_picture(emulator: Emulator) -> None:
    assert (await fetch(emulator, f"{emulator.url}/_cdn/face-5")).startswith(b"\x89PNG")


async def test_a_reset_forgets_people_accounts_and_files(
    emulator: Emulator, control: EmulatorClient, graph: GraphClient
) -> None:
    await control.account(object="page", id=PAGE_ID, token=TOKEN)
    await control.person(id="5")
    file = await control.media(b"cat", "image/png")
    await graph.subscribe_app(PAGE_ID, TOKEN, ["messages"])
    await control.reset()
    assert await control.subscribed() == {}
    assert emulator.people.get("5") is None
    assert emulator.files.get(file["id"]) is None
    assert emulator.accounts.of_token(TOKEN) is None


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ({"object": "page", "from": "5", "text": "x"}, "account"),
        ({"object": "smoke", "account": "1", "from": "5", "text": "x"}, "object"),
        ({"object": "page", "account": "1", "from": "5", "media": ["404"]}, "no file 404"),
    ],
)
async def test_the_control_api_says_what_is_wrong(
    control: EmulatorClient, message: dict[str, Any], said: str
) -> None:
    with pytest.raises(ControlError, match=said):
        await control.inbound([message])


async def test_the_handshake_and_raw_bytes_are_of_an_object(
    control: EmulatorClient, receiver: Receiver
) -> None:
    assert await control.handshake("test-verify-token", "instagram")
    answer = await control.raw(b'{"object":"page","entry":[]}', name="page")
    assert answer["status"] == 200
    assert receiver.bodies == [{"object": "page", "entry": []}]
