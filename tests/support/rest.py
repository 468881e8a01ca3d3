"""The REST application over a real database, as a test talks to it.

async def test_something(rest: Rest) -> None:
    answer = await rest.get("/conversations")           # as the owner, in rest's workspace
    answer = await rest.post("/channels", {...}, by=rest.people["viewer"])
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from threading import Thread
from typing import Any, Protocol, TypeVar
from uuid import UUID

import asyncpg
import orjson
import pytest
from aiohttp import ClientResponse, ClientSession, DummyCookieJar
from aiohttp.test_utils import TestServer

from filestore.keys import key_for
from inbox_core.adapters.postgres.trouble import trouble
from inbox_core.app.access import Role
from inbox_core.app.limits import Limiter
from inbox_core.app.plan import new_id
from inbox_core.entrypoints.http.app import build_app
from inbox_core.entrypoints.http.authentication import Site
from support.backends import Backends, backends
from support.database import Database
from support.seeds import Person, add_channel, add_member, add_workspace

Result = TypeVar("Result")
ORIGIN = "https://inbox.example"
ROLES: tuple[Role, ...] = ("owner", "admin", "support", "viewer")


SITE = Site(origins=frozenset({ORIGIN}), cookie_secure=False)


@dataclass
class Answer:
    """What came back. `json` is the body, None when it has none."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cookies: Mapping[str, str]

    @property
    def json(self) -> Any:
        return orjson.loads(self.body) if self.body else None


class Rest:
    """One workspace with a channel and somebody of each role; requests go over a socket."""

    def __init__(self, parts: Backends, admin: asyncpg.Connection, client: ClientSession) -> None:
        self.parts = parts
        self.admin = admin
        self.client = client
        self.base = ""
        self.workspace = UUID(int=0)
        self.channel = UUID(int=0)
        self.people: dict[str, Person] = {}

    async def settle_in(self) -> None:
        self.workspace = await add_workspace(self.admin)
        self.channel = await add_channel(self.admin, self.workspace)
        for role in ROLES:
            self.people[role] = await add_member(self.admin, self.workspace, role, role.title())

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.ask("GET", path, **more)

    async def post(self, path: str, body: Any = None, **more: Any) -> Answer:
        return await self.ask("POST", path, body, **more)

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        by: Person | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """`path` is below the workspace; by the owner's token, unless somebody else's."""
        person = by or self.people["owner"]
        return await self.raw(
            method,
            f"/v1/workspaces/{self.workspace}{path}",
            body,
            {"Authorization": f"Bearer {person.token}", **(headers or {})},
        )

    async def raw(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Exactly this request; a body that is no bytes is sent as JSON."""
        sent = dict(headers or {})
        data = body
        if body is not None and not isinstance(body, bytes):
            data = orjson.dumps(body)
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        async with self.client.request(
            method, self.base + path, data=data, headers=sent, allow_redirects=False
        ) as response:
            return await _answer(response)


async def _answer(response: ClientResponse) -> Answer:
    return Answer(
        status=response.status,
        headers=response.headers,
        body=await response.read(),
        cookies={name: morsel.value for name, morsel in response.cookies.items()},
    )


async def open_rest(
    stack: AsyncExitStack, database: Database, limiter: Limiter | None, site: Site
) -> Rest:
    """The application on a free port, until the stack closes."""
    parts = await stack.enter_async_context(backends(database, limiter))
    admin = await asyncpg.connect(database.admin_url)
    stack.push_async_callback(admin.close)
    server = TestServer(build_app(parts.backend, site, trouble), skip_url_asserts=True)
    await server.start_server(access_log=None)
    stack.push_async_callback(server.close)
    client = await stack.enter_async_context(ClientSession(cookie_jar=DummyCookieJar()))
    rest = Rest(parts, admin, client)
    rest.base = f"http://{server.host}:{server.port}"
    await rest.settle_in()
    return rest


async def add_file(
    rest: Rest, workspace: UUID, body: bytes = b"words", mime_type: str = "text/plain"
) -> UUID:
    """A file of a workspace, its bytes in the store."""
    file = new_id()
    key = key_for(workspace, "upload", file)
    stored = await rest.parts.files.put(key, body, mime_type=mime_type, max_bytes=len(body))
    await rest.admin.execute(
        "INSERT INTO files (workspace_id, id, key, purpose, mime_type, size, sha256, filename)"
        " VALUES ($1, $2, $3, 'upload', $4, $5, $6, 'words.txt')",
        workspace,
        file,
        key,
        mime_type,
        stored.size,
        stored.sha256,
    )
    return file


class StartsRest(Protocol):
    def __call__(self, *, limiter: Limiter | None = None, site: Site = SITE) -> Awaitable[Rest]: ...


@pytest.fixture
async def start_rest(database: Database) -> AsyncIterator[StartsRest]:
    """Start the application with parts of a test's own."""
    async with AsyncExitStack() as stack:

        def start(*, limiter: Limiter | None = None, site: Site = SITE) -> Awaitable[Rest]:
            return open_rest(stack, database, limiter, site)

        yield start


@pytest.fixture
async def rest(start_rest: StartsRest) -> Rest:
    return await start_rest()


@dataclass
class Beside:
    """An application on a loop of its own, in a thread, for a test that blocks."""

    rest: Rest
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)


@pytest.fixture
def rest_beside(database: Database) -> Iterator[Beside]:
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    stack = AsyncExitStack()

    def run(work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, loop).result(60)

    try:
        yield Beside(run(open_rest(stack, database, None, SITE)), loop)
    finally:
        run(stack.aclose())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
