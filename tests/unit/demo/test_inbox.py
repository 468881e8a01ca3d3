"""The demo's REST client: repeats what may pass, gives up what will not, turns pages to the end."""

from collections.abc import AsyncIterator

import aiohttp
import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sluice_local.demo.asking import Refused
from sluice_local.demo.inbox import Inbox
from sluice_local.stack_file import EmulatorAddress, Login, ServiceAddress, StackFile, WidgetAddress

Answer = tuple[int, dict[str, object] | bytes]
FINE: Answer = (201, {"id": "m1"})


class Script:
    """Answers one request after the other with what is written here."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.asked: list[str] = []
        self.bodies: list[bytes] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(str(request.rel_url))
        assert request.headers["Authorization"] == "Bearer token"
        self.bodies.append(await request.read())
        status, body = self.answers.pop(0)
        if isinstance(body, bytes):
            return web.Response(body=body, status=status)
        return web.json_response(body, status=status)


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
async def inbox(script: Script) -> AsyncIterator[Inbox]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", script.handle)
    async with TestServer(app) as server, aiohttp.ClientSession() as session:
        yield Inbox(session, stack_at(str(server.make_url("")).rstrip("/")))


def stack_at(url: str) -> StackFile:
    return StackFile(
        services={"inbox-core": ServiceAddress(url=url, admin_url=url)},
        nats_url="",
        postgres_url="",
        redis_url=None,
        emulator=EmulatorAddress(url=url, app_secret="", verify_token=""),
        workspace_id="w",
        login=Login(email="", password=""),
        api_token="token",
        channels={},
        widget=WidgetAddress(
            id="", type="widget", account="", url=url, origin=url, secret="", pages={}
        ),
        processes={},
    )


@pytest.mark.parametrize(
    "passing",
    [
        (503, {"code": "unavailable"}),
        (500, {"code": "internal"}),
        (429, {"code": "too_many_requests"}),
        (409, {"code": "request_in_flight"}),
    ],
)
async def test_what_may_pass_is_repeated(inbox: Inbox, script: Script, passing: Answer) -> None:
    script.answers = [passing, passing, FINE]
    assert await inbox.reply("c", "Hello", "id-1") == FINE[1]
    assert len(script.asked) == 3


@pytest.mark.parametrize(
    "final", [(404, {"code": "not_found"}), (409, {"code": "not_sendable"}), (422, {"code": "x"})]
)
async def test_what_will_not_pass_is_said(inbox: Inbox, script: Script, final: Answer) -> None:
    script.answers = [final]
    with pytest.raises(Refused, match=str(final[0])):
        await inbox.reply("c", "Hello", "id-1")


async def test_pages_are_turned_to_the_end(inbox: Inbox, script: Script) -> None:
    script.answers = [
        (200, {"items": [{"n": 1}, {"n": 2}], "next_cursor": "next"}),
        (200, {"items": [{"n": 3}], "next_cursor": None}),
    ]
    assert [item["n"] async for item in inbox.conversations()] == [1, 2, 3]
    assert [path.partition("?")[2] for path in script.asked] == [
        "limit=100",
        "limit=100&cursor=next",
    ]


async def test_a_file_goes_up_and_down_as_it_is(inbox: Inbox, script: Script) -> None:
    script.answers = [(502, b"<html>"), (201, {"id": "f1"}), (503, b""), (200, b"\x00bytes")]
    assert await inbox.upload(b"\x00bytes", "image/png", "a b.png") == {"id": "f1"}
    assert script.bodies[:2] == [b"\x00bytes"] * 2
    assert script.asked[0].endswith("/files?filename=a%20b.png")
    assert await inbox.download("f1") == b"\x00bytes"


async def test_a_file_that_is_gone_is_said(inbox: Inbox, script: Script) -> None:
    script.answers = [(410, {"code": "gone", "detail": "The file was deleted."})]
    with pytest.raises(Refused, match="410 The file was deleted"):
        await inbox.download("f1")


async def test_parts_and_what_is_quoted_go_along(inbox: Inbox, script: Script) -> None:
    script.answers = [FINE]
    await inbox.reply("c", [{"type": "text", "text": "Hi"}], "id-1", reply_to="m0")
    assert orjson.loads(script.bodies[0]) == {
        "parts": [{"type": "text", "text": "Hi"}], "client_msg_id": "id-1", "reply_to": "m0",
    }  # fmt: skip
