"""Who may not is told so: foreign pages, forged and ended sessions, threads of somebody else."""

import secrets
from typing import Any

import pytest

from support.site import running_site
from support.visits import Channel, Visits

OLDER = "older"


async def session(visits: Visits, shop: Channel) -> str:
    answer = await visits.ask_session(shop, {"token": None, "identity": None})
    assert answer.status == 200, answer
    return str(answer.body["token"])


async def poll(visits: Visits, shop: Channel, token: str, cursors: dict[str, int]) -> Any:
    body = {"cursors": cursors, "wait": 0}
    return await visits.ask_gateway("POST", shop, "poll", body, token=token)


async def test_a_page_of_another_origin_gets_nothing(visits: Visits) -> None:
    shop = await visits.channel()
    async with running_site() as foreign:
        visitor = await visits.visitor(shop, site=foreign)
        page = await visitor.context.new_page()
        await page.goto(foreign.page(visitor.look))

        async def refused() -> bool:
            return any("403" in one or "foreign" in one for one in visitor.told)

        await visits.world.until(refused)
        assert await page.get_by_role("button", name="Open chat").count() == 0
        assert visitor.wire.sockets == 0
        answer = await visits.ask_session(
            shop, {"token": None, "identity": None}, origin=foreign.origin
        )
        assert (answer.status, answer.code) == (403, "foreign_origin")


@pytest.mark.parametrize("origin", ["null", "http://127.0.0.1", "https://evil.example"])
async def test_an_origin_that_is_nearly_right_is_foreign(visits: Visits, origin: str) -> None:
    shop = await visits.channel()
    answer = await visits.ask_session(shop, {"token": None, "identity": None}, origin=origin)
    assert (answer.status, answer.code) == (403, "foreign_origin")


async def test_a_forged_token_opens_nothing(visits: Visits) -> None:
    shop, other = await visits.channel(), await visits.channel()
    token = await session(visits, shop)
    middle = len(token) // 2
    turned = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
    for forged, channel in ((turned, shop), (token[:-4], shop), ("x", shop), (token, other)):
        answer = await poll(visits, channel, forged, {})
        assert (answer.status, answer.code) == (401, "session_refused"), forged
        answer = await visits.ask_session(channel, {"token": forged, "identity": None})
        assert (answer.status, answer.code) == (401, "session_refused"), forged
    assert (await poll(visits, shop, token, {})).status == 200


async def test_a_page_with_a_forged_token_begins_anew(visits: Visits) -> None:
    shop = await visits.channel()
    visitor = await visits.visitor(shop)
    tab = await visitor.tab()
    await tab.say(first := f"Before {secrets.token_hex(4)}")
    await tab.settles(first)
    await tab.page.evaluate(
        """() => { for (const [key, text] of Object.entries(localStorage))
            if (text.includes('"token"')) localStorage.setItem(key,
                JSON.stringify({...JSON.parse(text), token: 'forged', made: 0})); }"""
    )
    await visitor.reload(tab)
    await tab.open()
    second = f"After {secrets.token_hex(4)}"
    await tab.say(second)
    one, two = await visits.world.appears(first), await visits.world.appears(second)
    assert one["conversation_id"] != two["conversation_id"]
    await tab.until(lambda rows: [row.words for row in rows] == [second], "forgot the first")


async def test_somebody_elses_conversation_is_no_conversation(visits: Visits) -> None:
    shop, words = await visits.channel(csat="on"), f"Private {secrets.token_hex(4)}"
    visitor = await visits.visitor(shop)
    tab = await visitor.tab()
    await tab.say(words)
    shown = await visits.world.appears(words)
    theirs, thief = shown["conversation_id"], await session(visits, shop)

    answer = await poll(visits, shop, thief, {theirs: 0})
    assert answer.status == 200
    assert words not in str(answer.body)
    told = [frame for frame in answer.body["frames"] if frame["t"] == "history"]
    assert not any(frame["threads"] or frame["messages"] for frame in told)
    frames: list[dict[str, Any]] = [
        {"t": OLDER, "conversation": theirs, "before": 100},
        {"t": "rate", "id": secrets.token_hex(16), "conversation": theirs, "score": 1},
        {"t": "ack", "conversation": theirs, "at": shown["sent_at"], "read": 100},
    ]
    for frame in frames:
        answer = await visits.ask_gateway("POST", shop, "frames", frame, token=thief)
        [refused] = answer.body["frames"]
        assert (refused["t"], refused["code"]) == ("refused", "unknown_conversation"), frame
        assert words not in str(answer.body), frame
    thread = await visits.world.inbox.ask("GET", visits.thread_path(theirs))
    assert thread["csat"] is None
