"""The demo's REST client: repeats what may pass, gives up what will not, turns pages to the end."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from sluice_local.demo.inbox import Inbox, Refused
from sluice_local.stack_file import EmulatorAddress, Login, ServiceAddress, StackFile

Answer = tuple[int, dict[str, object]]
FINE: Answer = (201, {"id": "m1"})


class Script:
    """Answers one request after the other with what is written here."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.asked: list[str] = []

    async def handle(self, request: web.Request) -> web.Response:
        self.asked.append(str(request.rel_url))
        assert request.headers["Authorization"] == "Bearer token"
        status, body = self.answers.pop(0)
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
