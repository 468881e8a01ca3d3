"""Log in, come back with the cookie, log out; and what a cookie alone is not enough for."""

from collections.abc import Mapping
from typing import Any

import pytest

from inbox_core.adapters.redis.limits import RedisLimiter
from inbox_core.app.limits import LOGIN_BY_EMAIL
from inbox_core.entrypoints.http.authentication import PLAIN_COOKIE, SECURE_COOKIE, Site
from support.rest import ORIGIN, Answer, Rest, StartsRest
from support.seeds import PASSWORD, Person, add_workspace, join


async def log_in(rest: Rest, person: Person, password: str = PASSWORD) -> Answer:
    return await rest.raw(
        "POST", "/v1/login", {"email": person.email.upper(), "password": password}
    )


def page_of(answer: Answer) -> dict[str, str]:
    """The headers our own page would send after this login."""
    return {
        "Cookie": f"{PLAIN_COOKIE}={answer.cookies[PLAIN_COOKIE]}",
        "X-CSRF-Token": answer.json["csrf_token"],
        "Origin": ORIGIN,
        "Sec-Fetch-Site": "same-origin",
    }


async def test_a_session_from_login_to_logout(rest: Rest) -> None:
    ana = rest.people["support"]
    other = await add_workspace(rest.admin, "Other")
    await join(rest.admin, other, ana.id, "viewer")
    answer = await log_in(rest, ana)
    assert answer.status == 200
    assert answer.json["user"] == {"id": str(ana.id), "name": "Support", "email": ana.email}
    assert [(row["name"], row["role"]) for row in answer.json["workspaces"]] == [
        ("Demo", "support"),
        ("Other", "viewer"),
    ]
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Path=/", "Max-Age="))
    page = page_of(answer)
    assert (await rest.raw("GET", "/v1/me", headers=page)).json == answer.json
    assert (await rest.raw("POST", "/v1/logout", headers=page)).status == 204
    assert [word.split(":")[0] for word in rest.parts.ended] == ["session"]
    assert (await rest.raw("GET", "/v1/me", headers=page)).status == 401


async def test_where_there_is_tls_the_cookie_is_bound_to_it(start_rest: StartsRest) -> None:
    rest = await start_rest(site=Site(origins=frozenset({ORIGIN}), cookie_secure=True))
    answer = await log_in(rest, rest.people["owner"])
    assert SECURE_COOKIE in answer.cookies
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        pytest.param("", "wrong", id="wrong password"),
        pytest.param("nobody@sluice.example", PASSWORD, id="unknown address"),
        pytest.param("nul\x00@sluice.example", PASSWORD, id="NUL in the address"),
    ],
)
async def test_a_refused_login_does_not_say_why(rest: Rest, email: str, password: str) -> None:
    address = email or rest.people["owner"].email
    answer = await rest.raw("POST", "/v1/login", {"email": address, "password": password})
    assert (answer.status, answer.json["code"]) == (401, "bad_credentials")
    assert "Set-Cookie" not in answer.headers


async def test_a_disabled_account_is_out_at_once(rest: Rest) -> None:
    ana = rest.people["admin"]
    page = page_of(await log_in(rest, ana))
    await rest.admin.execute("UPDATE users SET disabled_at = now() WHERE id = $1", ana.id)
    assert (await rest.raw("GET", "/v1/me", headers=page)).status == 401
    assert (await log_in(rest, ana)).status == 401
    assert (await rest.get("/members", by=ana)).status == 401


async def test_the_database_keeps_no_token(rest: Rest) -> None:
    answer = await log_in(rest, rest.people["owner"])
    rows = await rest.admin.fetch("SELECT token_hash FROM sessions")
    assert [len(row["token_hash"]) for row in rows] == [32]
    token = answer.cookies[PLAIN_COOKIE].encode()
    assert all(token not in bytes(row["token_hash"]) for row in rows)
    assert token not in answer.body


CROSS_SITE: list[Any] = [
    pytest.param({}, 200, id="our own page"),
    pytest.param({"Origin": None, "Sec-Fetch-Site": None}, 200, id="an old browser"),
    pytest.param({"X-CSRF-Token": None}, 403, id="no CSRF token"),
    pytest.param({"X-CSRF-Token": "A" * 22}, 403, id="a made-up CSRF token"),
    pytest.param({"Origin": "https://evil.example"}, 403, id="another origin"),
    pytest.param({"Origin": "null"}, 403, id="a sandboxed page"),
    pytest.param({"Sec-Fetch-Site": "cross-site"}, 403, id="another site"),
    pytest.param({"Sec-Fetch-Site": "same-site"}, 403, id="a sibling domain"),
]


@pytest.mark.parametrize(("changed", "status"), CROSS_SITE)
async def test_a_cookie_changes_nothing_without_proof_of_our_page(
    rest: Rest, changed: Mapping[str, str | None], status: int
) -> None:
    page = {**page_of(await log_in(rest, rest.people["owner"])), **changed}
    headers = {name: value for name, value in page.items() if value is not None}
    body = {"workspace_id": str(rest.workspace)}
    answer = await rest.raw("POST", "/v1/realtime/tickets", body, headers)
    assert answer.status == status
    if status == 403:
        assert answer.json["code"] == "csrf"


async def test_a_csrf_token_belongs_to_its_session(rest: Rest) -> None:
    first = page_of(await log_in(rest, rest.people["owner"]))
    second = page_of(await log_in(rest, rest.people["owner"]))
    mixed = second | {"X-CSRF-Token": first["X-CSRF-Token"]}
    assert (await rest.raw("POST", "/v1/logout", headers=mixed)).status == 403


async def test_login_from_another_site_is_refused(rest: Rest) -> None:
    body = {"email": rest.people["owner"].email, "password": PASSWORD}
    answer = await rest.raw("POST", "/v1/login", body, {"Origin": "https://evil.example"})
    assert answer.status == 403
    answer = await rest.raw(
        "POST", "/v1/login", body, {"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status == 415


@pytest.mark.parametrize(
    "authorization",
    ["Basic abc", "Bearer ", "Bearer slt_unknown", "Bearer " + "x" * 5000, "bearer"],
)
async def test_a_wrong_token_is_unauthenticated(rest: Rest, authorization: str) -> None:
    headers = {"Authorization": authorization}
    answer = await rest.raw("GET", "/v1/me", headers=headers)
    assert (answer.status, answer.json["code"]) == (401, "unauthenticated")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_a_token_knows_one_workspace_and_can_be_revoked(rest: Rest) -> None:
    ana = rest.people["support"]
    other = await add_workspace(rest.admin, "Other")
    await join(rest.admin, other, ana.id, "owner")
    bearer = {"Authorization": f"Bearer {ana.token}"}
    me = await rest.raw("GET", "/v1/me", headers=bearer)
    assert [row["id"] for row in me.json["workspaces"]] == [str(rest.workspace)]
    assert me.json["csrf_token"] is None
    there = await rest.raw("GET", f"/v1/workspaces/{other}/members", headers=bearer)
    assert there.status == 404
    await rest.admin.execute("UPDATE api_tokens SET revoked_at = now()")
    assert (await rest.raw("GET", "/v1/me", headers=bearer)).status == 401


async def test_guessing_at_one_account_is_slowed_down(start_rest: StartsRest) -> None:
    rest = await start_rest(limiter=RedisLimiter(None))
    share = LOGIN_BY_EMAIL.burst // 4
    answers = [await log_in(rest, rest.people["owner"], "guess") for _ in range(share + 1)]
    assert [answer.status for answer in answers] == [401] * share + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert (await log_in(rest, rest.people["owner"])).status == 429
    assert (await log_in(rest, rest.people["admin"])).status == 200
