"""What does not get as far as a handler, and what every answer wears."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from inbox_core.entrypoints.http.parsing import MAX_BODY
from sluice_local.servers.postgres import PostgresServer
from support.database import Database
from support.rest import Rest
from support.waiting import until_true

DEEP = b"[" * 5000 + b"]" * 5000


async def test_every_answer_wears_its_headers(rest: Rest) -> None:
    for path in ("/v1/me", "/v1/openapi.json", "/v1/docs", "/nowhere"):
        answer = await rest.raw("GET", path)
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert len(answer.headers["X-Request-ID"]) == 32
        assert "Server" not in answer.headers


async def test_a_problem_says_what_it_is(rest: Rest) -> None:
    path = f"/v1/workspaces/{uuid4()}/conversations"
    token = rest.people["owner"].token
    answer = await rest.raw("GET", path, headers={"Authorization": f"Bearer {token}"})
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json == {
        "type": "urn:sluice:problem:not_found",
        "title": "There is no such thing here",
        "status": 404,
        "code": "not_found",
        "detail": "There is no such workspace.",
        "instance": path,
        "request_id": answer.headers["X-Request-ID"],
    }


UNKNOWN: list[Any] = [
    ("GET", "/nowhere", 404),
    ("GET", "/v1", 404),
    ("PATCH", "/v1/me", 405),
    ("GET", "/v1/workspaces/5/conversations", 404),
    ("GET", "/v1/workspaces/{own}/conversations/5", 404),
    ("GET", "/v1/workspaces/{own}/conversations/counts/", 404),
    ("OPTIONS", "/v1/me", 405),
]


@pytest.mark.parametrize(("method", "path", "status"), UNKNOWN)
async def test_what_is_not_there(rest: Rest, method: str, path: str, status: int) -> None:
    headers = {"Authorization": f"Bearer {rest.people['owner'].token}"}
    answer = await rest.raw(method, path.format(own=rest.workspace), headers=headers)
    assert (answer.status, answer.json["status"]) == (status, status)


BODIES: list[Any] = [
    pytest.param(b"", 422, "invalid_request", id="empty"),
    pytest.param(b"{", 400, "malformed_json", id="half"),
    pytest.param(b"\xff\xfe", 400, "malformed_json", id="not UTF-8"),
    pytest.param(b'{"email":"\\ud800"}', 400, "malformed_json", id="half a character"),
    pytest.param(b'{"email":NaN}', 400, "malformed_json", id="NaN"),
    pytest.param(DEEP, 400, "malformed_json", id="very deep"),
    pytest.param(b'{"a":' * 20 + b"1" + b"}" * 20, 400, "malformed_json", id="deep"),
    pytest.param(b"x" * (MAX_BODY + 1), 413, "body_too_large", id="large"),
    pytest.param(b"null", 422, "invalid_request", id="null"),
    pytest.param(b"{}", 422, "invalid_request", id="nothing in it"),
]


@pytest.mark.parametrize(("body", "status", "code"), BODIES)
async def test_a_body_that_is_none(rest: Rest, body: bytes, status: int, code: str) -> None:
    answer = await rest.raw("POST", "/v1/login", body)
    assert (answer.status, answer.json["code"]) == (status, code)


async def test_a_parameter_nobody_reads_is_refused(rest: Rest) -> None:
    answer = await rest.get("/members?role=owner")
    assert (answer.status, answer.json["errors"][0]["parameter"]) == (422, "role")


async def test_without_its_database_it_says_so_and_recovers(
    rest: Rest, database: Database, postgres_server: PostgresServer
) -> None:
    def allow(word: str) -> None:
        postgres_server.sql(f'ALTER DATABASE "{database.name}" ALLOW_CONNECTIONS {word}')

    await asyncio.to_thread(allow, "false")
    await rest.admin.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    answer = await rest.get("/members")
    assert (answer.status, answer.json["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "1"
    await asyncio.to_thread(allow, "true")

    async def answers() -> bool:
        return (await rest.get("/members")).status == 200

    await until_true(answers)


async def test_the_page_of_the_api_is_our_own(rest: Rest) -> None:
    page = await rest.raw("GET", "/v1/docs")
    text = page.body.decode()
    assert "http" not in text.replace("text/html", "")
    for name in ("swagger-ui.css", "swagger-ui-bundle.js", "start.js"):
        assert f"/v1/docs/{name}" in text
        assert (await rest.raw("GET", f"/v1/docs/{name}")).status == 200
    document = await rest.raw("GET", "/v1/openapi.json")
    assert document.json["openapi"] == "3.1.0"
