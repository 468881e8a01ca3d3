"""The Graph client's calls for pages, Instagram, files, people and tokens, against the emulator."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY

from metagraph.accounts import (
    INSTAGRAM_FIELDS,
    INSTAGRAM_PERSON,
    MESSENGER_PERSON,
    NUMBER_FIELDS,
    PAGE_FIELDS,
)
from metagraph.emulator.app import Emulator
from metagraph.emulator.client import EmulatorClient
from metagraph.emulator.script import fault
from metagraph.errors import Ambiguous, NotSent, Unreachable
from metagraph.graph import ME, GraphClient, Upload

PHONE, PAGE_ID, IG_ID, PERSON, TOKEN = "106540352242922", "9001", "17841", "5005", "EAAG-token"


def hello(**message: Any) -> dict[str, Any]:
    return {
        "recipient": {"id": PERSON},
        "messaging_type": "RESPONSE",
        "message": {"text": "hello", "metadata": "ref-1"} | message,
    }


def action(name: str, **payload: str) -> dict[str, Any]:
    body: dict[str, Any] = {"recipient": {"id": PERSON}, "sender_action": name}
    return body | ({"payload": payload} if payload else {})


@pytest.mark.parametrize("node", [ME, PAGE_ID])
async def test_a_page_sends(
    emulator: Emulator, control: EmulatorClient, graph: GraphClient, node: str
) -> None:
    await control.account(object="page", id=PAGE_ID, name="Shop", token=TOKEN)
    sent = await graph.send_page_message(TOKEN, hello(), node=node)
    [entry] = emulator.ledger.after(0)
    assert (sent.message_id, sent.recipient_id) == (entry.wamid, PERSON)
    assert (entry.object, entry.phone_number_id, entry.to) == ("page", PAGE_ID, PERSON)
    assert (entry.type, entry.text, entry.ref) == ("text", "hello", "ref-1")


@pytest.mark.parametrize(
    ("label", "order", "error"),
    [
        ("a window", {"do": "error", "code": 10, "subcode": 2018278}, NotSent),
        ("cut", {"do": "accept_then_reset"}, Ambiguous),
        ("no id", {"do": "http", "status": 200, "body": '{"recipient_id":"1"}'}, Ambiguous),
    ],
)
async def test_a_pages_send_ends_as_clearly_as_whatsapps(
    emulator: Emulator,
    graph: GraphClient,
    label: str,
    order: dict[str, Any],
    error: type[Exception],
) -> None:
    emulator.script.add([fault(**order)])
    with pytest.raises(error):
        await graph.send_page_message(TOKEN, hello())
    assert emulator.script.pending() == 0, label


@pytest.mark.parametrize(
    ("node", "body", "kind", "said"),
    [
        (ME, action("typing_on"), "action", "typing_on"),
        (ME, action("mark_seen"), "action", "mark_seen"),
        (ME, action("react", message_id="m_1", reaction="love"), "action", "react"),
        (ME, action("unreact", message_id="m_1"), "action", "unreact"),
        (PHONE, {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1"},
         "receipt", None),
    ],
)  # fmt: skip
async def test_actions_are_taken(
    emulator: Emulator,
    graph: GraphClient,
    node: str,
    body: dict[str, Any],
    kind: str,
    said: str | None,
) -> None:
    await graph.post_action(node, TOKEN, body)
    [entry] = emulator.ledger.after(0)
    assert (entry.kind, entry.text) == (kind, said)


async def test_an_action_may_be_repeated_so_it_is_never_unclear(
    emulator: Emulator, graph: GraphClient
) -> None:
    emulator.script.add([fault(do="accept_then_reset", match={"type": "action"})])
    await graph.post_action(ME, TOKEN, action("typing_on"))
    assert len(emulator.ledger.after(0)) == 2
    emulator.script.add([fault(do="http", status=500, match={"type": "action"})])
    with pytest.raises(Unreachable) as error:
        await graph.post_action(ME, TOKEN, action("typing_on"))
    assert error.value.reason == "no_json"
    emulator.script.add(
        [fault(do="http", status=200, body='{"success": false}', match={"type": "action"})]
    )
    with pytest.raises(Unreachable):
        await graph.post_action(ME, TOKEN, action("typing_on"))


CAT = Upload('Käse "1"\r\n.png', "image/png", b"\x89PNG" + b"x" * 2_000_000)


async def test_a_file_is_handed_to_whatsapp_and_sent(
    emulator: Emulator, graph: GraphClient
) -> None:
    number = await graph.upload_media(PHONE, TOKEN, CAT)
    file = emulator.files.get(number)
    assert file is not None
    assert (file.content, file.mime_type) == (CAT.content, "image/png")
    assert file.name is not None
    assert file.name.isascii()
    body = {"messaging_product": "whatsapp", "to": "1650", "type": "image", "image": {"id": number}}
    await graph.send_message(PHONE, TOKEN, body)
    [entry] = emulator.ledger.after(0)
    assert (entry.type, entry.sha256) == ("image", file.sha256)


@pytest.mark.parametrize("platform", [None, "instagram"])
async def test_a_file_is_handed_to_a_page_and_sent(
    emulator: Emulator, graph: GraphClient, platform: Any
) -> None:
    number = await graph.upload_attachment(TOKEN, CAT, "image", platform=platform)
    body = hello()
    body["message"] = {"attachment": {"type": "image", "payload": {"attachment_id": number}}}
    await graph.send_page_message(TOKEN, body)
    [entry] = emulator.ledger.after(0)
    file = emulator.files.get(number)
    assert file is not None
    assert (entry.type, entry.sha256) == ("image", file.sha256)


async def test_an_upload_may_be_repeated(emulator: Emulator, graph: GraphClient) -> None:
    emulator.script.add([fault(do="reset", match={"type": "upload"})])
    assert await graph.upload_media(PHONE, TOKEN, Upload("a.txt", "text/plain", b"words"))


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        (Upload("a.png", "image/png", b""), "content"),
        (Upload("a.png", "image/png", b"x" * (5 * 1024 * 1024 + 1)), "media"),
    ],
)
async def test_a_file_meta_does_not_take(graph: GraphClient, file: Upload, kind: str) -> None:
    with pytest.raises(NotSent) as error:
        await graph.upload_media(PHONE, TOKEN, file)
    assert error.value.kind == kind


async def test_a_page_takes_no_more_than_25_mb(graph: GraphClient) -> None:
    large = Upload("a.mp4", "video/mp4", b"x" * (25 * 1024 * 1024 + 1))
    with pytest.raises(NotSent) as error:
        await graph.upload_attachment(TOKEN, large, "video")
    assert error.value.code == "100/2018109"


async def test_people_are_shown_as_far_as_they_let(
    control: EmulatorClient, graph: GraphClient
) -> None:
    await control.person(id="1", name="Ann Lee", object="page", account=PAGE_ID)
    await control.person(id="2", name="Bo", username="bo", object="instagram", account=IG_ID,
                         picture=False)  # fmt: skip
    await control.person(id="3", consent=False, object="instagram", account=IG_ID)
    ann = await graph.profile("1", MESSENGER_PERSON, TOKEN)
    assert (ann["first_name"], ann["last_name"]) == ("Ann", "Lee")
    assert ann["profile_pic"].endswith("/_cdn/face-1")
    assert await graph.profile("2", INSTAGRAM_PERSON, TOKEN) == {
        "id": "2",
        "name": "Bo",
        "username": "bo",
    }
    for person, kind in (("3", "declined"), ("404", "undeliverable")):
        with pytest.raises(NotSent) as error:
            await graph.profile(person, INSTAGRAM_PERSON, TOKEN)
        assert (error.value.kind, error.value.retry) == (kind, False)
        assert not error.value.rule.pause


async def test_who_wrote_has_a_name(control: EmulatorClient, graph: GraphClient) -> None:
    message = {"object": "page", "account": PAGE_ID, "from": PERSON, "text": "hi", "name": "Cy Mo"}
    await control.inbound([message], wait=True)
    assert (await graph.profile(PERSON, ["name"], TOKEN))["name"] == "Cy Mo"


async def test_accounts_are_shown(control: EmulatorClient, graph: GraphClient) -> None:
    number = await graph.account(PHONE, NUMBER_FIELDS, TOKEN)
    assert (number["quality_rating"], number["id"]) == ("GREEN", PHONE)
    await control.account(object="page", id=PAGE_ID, name="Shop", token="page-token")
    await control.account(object="instagram", id=IG_ID, name="Shop", token="ig-token")
    await control.account(object="whatsapp_business_account", id=PHONE, name="Shop",
                          fields={"quality_rating": "RED"})  # fmt: skip
    assert await graph.account(ME, PAGE_FIELDS, "page-token") == {"id": PAGE_ID, "name": "Shop"}
    account = await graph.account(ME, INSTAGRAM_FIELDS, "ig-token")
    assert account == {"id": IG_ID, "user_id": IG_ID, "username": "shop"}
    assert (await graph.account(PHONE, NUMBER_FIELDS, TOKEN))["quality_rating"] == "RED"


async def test_an_app_subscribes(control: EmulatorClient, graph: GraphClient) -> None:
    await control.account(object="instagram", id=IG_ID, token="ig-token")
    await graph.subscribe_app("102290129340398", TOKEN)
    await graph.subscribe_app(PAGE_ID, TOKEN, ["messages", "message_echoes"])
    await graph.subscribe_app(ME, "ig-token", ["messages"])
    assert await control.subscribed() == {
        "102290129340398": [],
        PAGE_ID: ["messages", "message_echoes"],
        IG_ID: ["messages"],
    }


async def test_a_token_is_asked_about(control: EmulatorClient, graph: GraphClient) -> None:
    await control.account(object="page", id=PAGE_ID, token="page-token", expires_at=4_000_000_000)
    await control.account(object="page", id="2", token="old-token", expires_at=1)
    info = await graph.token_info("page-token", "app|token")
    assert (info.valid, info.expires_at, info.data_access_expires_at) == (True, 4_000_000_000, None)
    assert "pages_messaging" in info.scopes
    assert info.targets["pages_messaging"] == (PAGE_ID,)
    assert not (await graph.token_info("old-token")).valid
    forever = await graph.token_info("other-token")
    assert (forever.valid, forever.expires_at, dict(forever.targets)) == (True, None, {})


@pytest.mark.parametrize("refused_in_header", [False, True])
async def test_an_instagram_token_is_renewed(
    emulator: Emulator,
    control: EmulatorClient,
    graph: GraphClient,
    refused_in_header: bool,  # noqa: FBT001 - a column of the table
) -> None:
    await control.account(object="instagram", id=IG_ID, name="Shop", token="ig-token")
    if refused_in_header:
        emulator.script.add([fault(do="error", code=190, match={"type": "refresh"})])
    new = await graph.refresh_instagram_token("ig-token")
    assert new.expires_in == 60 * 86400
    assert new.token not in {"ig-token", repr(new)}
    assert new.token not in repr(new)
    assert (await graph.account(ME, ["id"], new.token))["id"] == IG_ID


async def test_a_token_that_is_not_renewed_is_not_asked_for_twice(
    emulator: Emulator, graph: GraphClient
) -> None:
    emulator.script.add([fault(do="error", code=4, match={"type": "refresh"})])
    with pytest.raises(NotSent) as error:
        await graph.refresh_instagram_token("ig-token")
    assert error.value.kind == "throttle_app"


@pytest.mark.parametrize(
    ("kind", "code", "subcode", "expected"),
    [
        ("media", 100, 33, "media"),
        ("profile", 230, None, "declined"),
        ("account", 190, None, "auth"),
    ],
)
async def test_reading_fails_on_order(
    emulator: Emulator, graph: GraphClient, kind: str, code: int, subcode: int, expected: str
) -> None:
    calls: dict[str, Callable[[], Awaitable[object]]] = {
        "media": lambda: graph.get_media("1", TOKEN),
        "profile": lambda: graph.profile("1", ["name"], TOKEN),
        "account": lambda: graph.account(ME, ["id"], TOKEN),
    }
    emulator.script.add([fault(do="error", code=code, subcode=subcode, match={"type": kind})])
    with pytest.raises(NotSent) as error:
        await calls[kind]()
    assert error.value.kind == expected


async def test_what_is_refused_before_it_is_sent_counts_too(graph: GraphClient) -> None:
    labels = {"call": "profile", "outcome": "not_sent", "reason": "malformed_id"}
    before = REGISTRY.get_sample_value("sluice_graph_calls_total", labels) or 0
    with pytest.raises(NotSent):
        await graph.profile("../me", ["name"], TOKEN)
    assert REGISTRY.get_sample_value("sluice_graph_calls_total", labels) == before + 1
