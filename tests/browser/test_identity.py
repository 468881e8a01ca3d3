"""Who a visitor is: a site proves it, and after reset() a shared computer shows nothing."""

import hashlib
import hmac
import secrets
import time
from typing import Any

import jwt
import orjson
import pytest
from playwright.async_api import expect

from support.tab import WITHIN_S, Tab
from support.visitor import Visitor
from support.visits import Channel, Visits
from support.waiting import until_true

KEPT = """async () => {
    const bases = await indexedDB.databases();
    const found = [JSON.stringify({...localStorage}), JSON.stringify({...sessionStorage})];
    for (const {name} of bases) {
        const base = await new Promise((done, failed) => {
            const asked = indexedDB.open(name);
            asked.onsuccess = () => done(asked.result);
            asked.onerror = () => failed(asked.error);
        });
        for (const store of base.objectStoreNames) {
            const all = await new Promise(done => {
                const asked = base.transaction(store).objectStore(store).getAll();
                asked.onsuccess = () => done(asked.result);
            });
            found.push(JSON.stringify(all));
        }
        base.close();
    }
    return found.join(' ') + document.cookie;
}"""
IDENTIFY = "proof => sluice.identify(proof)"


def proof(channel: Channel, user: str, way: str) -> dict[str, Any]:
    """As a site's server makes it."""
    exp, nonce = int(time.time()) + 300, secrets.token_hex(12)
    if way == "jwt":
        claims = {"sub": user, "exp": exp, "jti": nonce, "name": f"Mrs {user}"}
        return {"jwt": jwt.encode(claims, channel.secret, "HS256")}
    text = f"{user}.{exp}.{nonce}".encode()
    signed = hmac.new(channel.secret.encode(), text, hashlib.sha256).hexdigest()
    return {"user_id": user, "exp": exp, "nonce": nonce, "hmac": signed}


def line(words: str) -> str:
    return f"{words} {secrets.token_hex(4)}"


async def identify(tab: Tab, shown: dict[str, Any]) -> None:
    await tab.page.evaluate(IDENTIFY, shown)


async def is_known_as(tab: Tab, user: str | None) -> None:
    """Once the page keeps a session of this user."""

    async def known() -> bool:
        found: bool = await tab.page.evaluate(
            """user => Object.values(localStorage).some(
                one => one.includes('user_id') && JSON.parse(one).visitor?.user_id === user)""",
            user,
        )
        return found

    await until_true(known, WITHIN_S)


@pytest.mark.parametrize("way", ["jwt", "hmac"])
async def test_who_identifies_keeps_the_conversation_and_finds_it_elsewhere(
    visits: Visits, way: str
) -> None:
    world, user, shop = visits.world, f"user-{secrets.token_hex(4)}", await visits.channel()
    before, after, elsewhere = line("Nobody yet"), line("Now somebody"), line("At home")
    visitor = await visits.visitor(shop)
    tab = await visitor.tab()
    await tab.say(before)
    first = await world.appears(before)
    await tab.settles(before)
    await identify(tab, proof(shop, user, way))
    await is_known_as(tab, user)
    await tab.say(after)
    second = await world.appears(after)
    assert second["conversation_id"] == first["conversation_id"]
    await tab.settles(before, after)

    home = await visits.visitor(shop)
    there = await home.tab()
    await identify(there, proof(shop, user, way))
    await there.shows(after)
    await there.say(elsewhere)
    await tab.shows(elsewhere)
    for one in (tab, there):
        assert await one.texts() == [before, after, elsewhere]
    assert [*await visitor.complaints(), *await home.complaints()] == []


async def test_after_a_reset_nothing_is_left_of_who_was_there(visits: Visits) -> None:
    world, user, shop = visits.world, f"user-{secrets.token_hex(4)}", await visits.channel()
    words, answer = line("My secret"), line("Is safe")
    visitor = await visits.visitor(shop)
    tab = await visitor.tab()
    await identify(tab, proof(shop, user, "jwt"))
    await tab.say(words)
    conversation = (await world.appears(words))["conversation_id"]
    await world.inbox.reply(conversation, answer, secrets.token_hex(8))
    await tab.shows(answer)
    other = await visitor.tab()
    await other.shows(answer)
    token = await token_of(tab)

    await tab.page.evaluate("sluice.reset()")
    await gone(visitor, words, answer, user)
    late = line("Too late")  # what comes now is for nobody who sits here
    await world.inbox.reply(conversation, late, secrets.token_hex(8))
    refused = await visits.ask_session(shop, {"token": token, "identity": None})
    assert (refused.status, refused.code) == (401, "session_ended")

    again = await visitor.tab()
    mine = line("Somebody else")
    await again.say(mine)
    shown = await world.appears(mine)
    assert shown["conversation_id"] != conversation
    await again.settles(mine)
    for one in visitor.open_tabs:
        assert not {words, answer, late} & set(await one.texts())
    assert await visitor.complaints() == []


async def gone(visitor: Visitor, *traces: str) -> None:
    """Nothing of it on any screen, in any storage, and no socket that was theirs."""
    for tab in visitor.open_tabs:
        await tab.until(lambda rows: not rows, "forgot what was said")

    async def forgotten() -> bool:
        kept = await visitor.open_tabs[0].page.evaluate(KEPT)
        return not any(trace in kept for trace in traces)

    await until_true(forgotten, WITHIN_S)
    for tab in visitor.open_tabs:
        whole = await tab.host.evaluate("host => host.shadowRoot.textContent")
        assert not any(trace in whole for trace in traces)


async def token_of(tab: Tab) -> str:
    found = await tab.page.evaluate("Object.values(localStorage).join('\\n')")
    [token] = [orjson.loads(one)["token"] for one in found.splitlines() if '"token"' in one]
    return str(token)


async def test_another_user_sees_nothing_of_the_first(visits: Visits) -> None:
    world, shop = visits.world, await visits.channel()
    one, two = (f"user-{secrets.token_hex(4)}" for _ in range(2))
    words, others = line("Mine"), line("Theirs")
    visitor = await visits.visitor(shop)
    tab = await visitor.tab()
    await identify(tab, proof(shop, one, "jwt"))
    await tab.say(words)
    first = await world.appears(words)
    await tab.settles(words)
    await identify(tab, proof(shop, two, "jwt"))
    await tab.until(lambda rows: not rows, "forgot the first")
    await is_known_as(tab, two)
    await tab.say(others)
    second = await world.appears(others)
    assert second["conversation_id"] != first["conversation_id"]
    assert await tab.texts() == [others]
    await identify(tab, proof(shop, one, "hmac"))  # and back again
    await tab.shows(words)
    assert await tab.texts() == [words]
    await expect(tab.box).to_be_visible()


async def test_a_proof_works_once(visits: Visits) -> None:
    shop, user = await visits.channel(), f"user-{secrets.token_hex(4)}"
    shown = proof(shop, user, "hmac")
    visitor, thief = await visits.visitor(shop), await visits.visitor(shop)
    tab, theirs = await visitor.tab(), await thief.tab()
    await identify(tab, shown)
    await is_known_as(tab, user)
    await theirs.page.evaluate(
        "window.errors = []; void sluice.on('error', error => errors.push(error))"
    )
    await identify(theirs, shown)

    async def told() -> bool:
        return "identity_replayed" in str(await theirs.page.evaluate("window.errors"))

    await until_true(told, WITHIN_S)
    await theirs.say(line("Who am I?"))
    await is_known_as(tab, user)
    assert user not in await theirs.page.evaluate(KEPT)
