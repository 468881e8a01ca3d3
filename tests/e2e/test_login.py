"""A person logs in with a password and answers with a cookie; other sites' pages cannot."""

import secrets
from typing import Any

import aiohttp

from support.outside import Outside


async def test_an_answer_by_cookie_needs_the_token_of_its_page(world: Outside) -> None:
    question, answer = f"Hi {secrets.token_hex(4)}", f"Hello {secrets.token_hex(4)}"
    phone = world.person()
    await world.writes(phone, question)
    conversation = (await world.appears(question))["conversation_id"]
    workspace = f"/v1/workspaces/{world.stack.workspace_id}"
    path = f"{workspace}/conversations/{conversation}/messages"
    body = {"text": answer, "client_msg_id": secrets.token_hex(8)}
    origin = world.stack.services["inbox-core"].url
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(origin, cookie_jar=jar, trust_env=False) as browser:
        me = await log_in(browser, world.stack.login.email, world.stack.login.password)
        [cookie] = list(jar)
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"

        proof = {"X-CSRF-Token": me["csrf_token"]}
        foreign = {**proof, "Origin": "https://elsewhere.example"}
        for headers, status in (({}, 403), (foreign, 403), ({**proof, "Origin": origin}, 201)):
            async with browser.post(path, json=body, headers=headers) as response:
                assert response.status == status, await response.text()
        async with browser.post("/v1/logout", headers=proof) as response:
            assert response.status == 204
        async with browser.get("/v1/me") as response:
            assert response.status == 401
    await world.delivered(answer, "read")
    assert len(await world.ledger_of(phone)) == 1


async def log_in(browser: aiohttp.ClientSession, email: str, password: str) -> dict[str, Any]:
    async with browser.post("/v1/login", json={"email": email, "password": password}) as response:
        assert response.status == 200, await response.text()
        me: dict[str, Any] = await response.json()
        return me


async def test_a_wrong_password_gets_no_cookie(world: Outside) -> None:
    origin = world.stack.services["inbox-core"].url
    jar = aiohttp.CookieJar(unsafe=True)
    wrong = {"email": world.stack.login.email, "password": "not it"}
    async with (
        aiohttp.ClientSession(origin, cookie_jar=jar, trust_env=False) as browser,
        browser.post("/v1/login", json=wrong) as response,
    ):
        assert response.status == 401
        assert (await response.json())["code"] == "bad_credentials"
        assert list(jar) == []
