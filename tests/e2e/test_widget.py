"""The widget over real processes: a visitor's words to the screen, the answers to the visitor."""

import secrets
import time
from typing import Any

import jwt
import pytest

from sluice_local.demo.asking import Refused
from sluice_local.demo.tiny import document, picture
from support.guest import Guest, guest
from support.outside import Outside

PAGE = {
    "url": "https://u:p@shop.example/lamps?utm_source=mail&token=abc#top",
    "title": "Lamps",
    "referrer": "https://search.example/?q=lamps",
    "language": "pt-PT",
    "time_zone": "Europe/Lisbon",
    "screen": "390x844@3",
}


def line(words: str) -> str:
    """A text nobody else has written."""
    return f"{words} {secrets.token_hex(4)}"


def proof(world: Outside, user_id: str, **claims: Any) -> dict[str, str]:
    """As the site's own server signs it."""
    told = {"sub": user_id, "exp": int(time.time()) + 300, "jti": secrets.token_hex(8), **claims}
    return {"jwt": jwt.encode(told, world.stack.widget.secret, algorithm="HS256")}


async def thread_of(world: Outside, somebody: Guest, **more: Any) -> str:
    """The conversation their first words begin."""
    text = line("Hello")
    await somebody.says(text, **more)
    conversation: str = (await world.appears(text))["conversation_id"]
    assert (await somebody.sees(text))["conversation"] == conversation
    return conversation


async def answers(world: Outside, conversation: str, what: Any) -> dict[str, Any]:
    return await world.inbox.reply(conversation, what, secrets.token_hex(8))


async def entity(world: Outside, path: str) -> dict[str, Any]:
    return await world.inbox.ask("GET", f"/v1/workspaces/{world.stack.workspace_id}{path}")


@pytest.mark.parametrize("by_poll", [False, True], ids=["socket", "long poll"])
async def test_words_go_both_ways_and_the_receipt_comes_back(
    world: Outside, *, by_poll: bool
) -> None:
    question, answer = line("Where is it?"), line("On its way.")
    async with guest(world, by_poll=by_poll) as anna:
        said = await anna.says(question)
        shown = await world.appears(question)
        row = world.screen.state.entities[shown["conversation_id"]].data
        assert (shown["direction"], row["channel"]["type"]) == ("inbound", "widget")
        own = await anna.sees(question)
        assert (own["client"], own["by"], own["at"]) == (said["id"], "contact", said["at"])

        reply = await answers(world, shown["conversation_id"], answer)
        seen = await anna.sees(answer)
        assert (seen["id"], seen["by"], seen["author"]) == (reply["id"], "user", "Demo")
        await world.delivered(answer, "read")


async def test_an_answer_comes_live_and_is_there_again_on_another_device(world: Outside) -> None:
    answer = line("Good morning!")
    async with guest(world) as anna:
        conversation = await thread_of(world, anna)
        await answers(world, conversation, answer)
        part = await anna.hears(lambda frame: frame["t"] == "part")
        assert part["part"]["text"] == answer
        seen = await anna.sees(answer)
        assert part["message"] == seen["id"]
        anna.client.link.cut()
        later = line("And welcome back.")
        await answers(world, conversation, later)
        await anna.sees(later)
        assert len(anna.shown(answer)) == 1
        assert anna.client.link.connections == 2


async def test_what_is_said_twice_is_one_message(world: Outside) -> None:
    text = line("Once.")
    async with guest(world) as anna:
        said = await anna.says(text)
        for _ in range(3):
            await anna.client.say_again(said)
        after = line("After.")
        await anna.says(after)
        await world.appears(after)
        assert len(world.shown(text)) == 1
        assert len(anna.shown(text)) <= 1
        conversation = world.shown(text)[0]["conversation_id"]
        stored = await world.stored(conversation)
        assert [one["parts"][0]["text"] for one in stored] == [text, after]


async def test_files_go_both_ways(world: Outside) -> None:
    words, photo, paper = line("Look:"), picture(secrets.token_hex(8)), document(line("terms"))
    async with guest(world) as anna:
        kept = await anna.client.upload(photo.content, photo.mime_type, "../../photo.png")
        assert (kept["kind"], kept["name"]) == ("image", "photo.png")
        await anna.says(words, kept)
        shown = await world.appears(words)
        media = next(part["media"] for part in shown["parts"] if part.get("media"))
        assert media["state"] == "ready"
        assert await world.inbox.download(media["file_id"]) == photo.content

        file = await world.inbox.upload(paper.content, paper.mime_type, paper.name)
        caption = line("Here.")
        await answers(
            world,
            shown["conversation_id"],
            [{"type": "file", "file_id": file["id"], "caption": caption}],
        )
        seen = await anna.sees(caption)
        told = next(part["file"] for part in seen["parts"] if part.get("file"))
        assert told["mime_type"] == "application/pdf"
        assert await anna.client.link.download(told["url"]) == paper.content
        own = await anna.sees(words)
        mine = next(part["file"] for part in own["parts"] if part.get("file"))
        assert await anna.client.link.download(mine["url"]) == photo.content


async def test_the_agent_sees_where_it_came_from_and_who_they_say_they_are(
    world: Outside,
) -> None:
    lead = {"name": "Anna Lind", "email": "anna@shop.example"}
    async with guest(world) as anna:
        conversation = await thread_of(world, anna, page=PAGE, lead=lead)
    detail = await entity(world, f"/conversations/{conversation}")
    source = detail["source"]
    assert source["ip"] == "127.0.0.0/24"
    assert source["page_url"] == "https://shop.example/lamps?utm_source=mail&token=***"
    assert source["referrer"] == "https://search.example/?q=lamps"
    assert source["utm"] == {"utm_source": "mail"} or source["utm"] == {"source": "mail"}
    assert (source["language"], source["time_zone"]) == ("pt-PT", "Europe/Lisbon")
    assert detail["contact"]["name"] == "Anna Lind"
    assert "127.0.0.1" not in str(detail)


async def test_typing_is_seen_on_both_sides(world: Outside) -> None:
    async with guest(world) as anna:
        conversation = await thread_of(world, anna)
        await world.screen.open(conversation)
        await anna.client.type()

        def types(frame: dict[str, Any]) -> bool:
            told = frame.get("data") or {}
            return frame.get("type") == "typing" and told["conv"] == conversation and told["on"]

        heard = await world.waits_for(lambda: next(filter(types, world.frames), None))
        assert heard["data"]["who"] == "contact"

        workspace = f"/v1/workspaces/{world.stack.workspace_id}"
        token = {"Authorization": f"Bearer {world.stack.api_token}"}
        url = f"{world.stack.services['inbox-core'].url}{workspace}"
        path = f"{url}/conversations/{conversation}/typing"
        async with world.session.post(path, json={"on": True}, headers=token) as answer:
            assert answer.status == 204
        typed = await anna.hears(lambda frame: frame["t"] == "typing" and frame["on"])
        assert typed["author"]


async def test_a_blocked_contact_gets_a_neutral_answer_and_disturbs_nobody(
    world: Outside,
) -> None:
    async with guest(world) as anna:
        conversation = await thread_of(world, anna)
        contact = (await entity(world, f"/conversations/{conversation}"))["contact"]["id"]
        path = f"/v1/workspaces/{world.stack.workspace_id}/contacts/{contact}/block"
        await world.inbox.ask("PUT", path)
        told = await anna.hears(lambda frame: frame["t"] == "unavailable")
        assert "block" not in str(told)
        assert anna.client.screen.unavailable


async def test_closing_asks_for_stars_and_the_rating_shows(world: Outside) -> None:
    async with guest(world) as anna:
        conversation = await thread_of(world, anna)
        await answers(world, conversation, line("Solved?"))
        path = f"/v1/workspaces/{world.stack.workspace_id}/conversations/{conversation}"
        await world.inbox.ask("POST", f"{path}/transitions", {"to": "closed"})

        def asks(frame: Any) -> bool:
            threads = frame.get("threads", ()) if frame["t"] == "history" else ()
            return any(one["id"] == conversation and one["ask"] for one in threads)

        await anna.hears(asks)
        await anna.client.rate(conversation, 4, "Quick.")

        async def rated() -> bool:
            csat = (await entity(world, f"/conversations/{conversation}"))["csat"]
            return bool(csat and csat["score"] == 4 and csat["comment"] == "Quick.")

        await world.until(rated)
        given = await anna.hears(
            lambda frame: (
                frame["t"] == "history" and any(one.get("rating") == 4 for one in frame["threads"])
            )
        )
        assert not any(one["ask"] for one in given["threads"])


async def test_who_logs_in_stays_who_they_are_and_who_logs_out_leaves_nothing(
    world: Outside,
) -> None:
    user = f"user-{secrets.token_hex(6)}"
    async with guest(world) as anna, guest(world) as elsewhere:
        conversation = await thread_of(world, anna)
        visitor = anna.client.visitor["id"]
        await anna.client.begin(proof(world, user, name="Anna Lind"))
        assert anna.client.visitor == {"id": visitor, "user_id": user, "name": "Anna Lind"}
        again = line("Still me.")
        await anna.says(again)
        assert (await world.appears(again))["conversation_id"] == conversation

        await elsewhere.client.begin(proof(world, user))
        await elsewhere.sees(again)

        await anna.client.reset()
        await anna.client.begin()
        assert anna.client.visitor["id"] != visitor
        other = line("Somebody else.")
        await anna.says(other)
        assert (await world.appears(other))["conversation_id"] != conversation
        await anna.sees(other)
        assert not anna.shown(again)


async def test_what_is_forged_foreign_or_replayed_is_refused(world: Outside) -> None:
    async with guest(world) as anna:
        once = proof(world, "user-1")
        await anna.client.begin(once)
        with pytest.raises(Refused) as replayed:
            await anna.client.begin(once)
        assert replayed.value.code == "identity_replayed"
        forged = {"jwt": jwt.encode({"sub": "x", "exp": time.time() + 60, "jti": "j"}, "k" * 32)}
        with pytest.raises(Refused) as refused:
            await anna.client.begin(forged)
        assert refused.value.code == "identity_refused"
    widget = world.stack.widget
    url = f"{widget.url}/widget/v1/{widget.account}/sessions"
    for origin in ("https://evil.example", "null", widget.url):
        async with world.session.post(url, json={}, headers={"Origin": origin}) as answer:
            assert (answer.status, (await answer.json(content_type=None))["code"]) == (
                403,
                "foreign_origin",
            )


async def test_another_visitor_s_file_and_conversation_are_nobody_s(world: Outside) -> None:
    async with guest(world) as anna, guest(world) as eve:
        conversation = await thread_of(world, anna)
        file = picture(secrets.token_hex(8))
        kept = await anna.client.upload(file.content, file.mime_type, file.name)
        with pytest.raises(Refused) as stolen:
            await eve.says(line("Mine!"), kept)
        assert stolen.value.code == "file_refused"
        with pytest.raises(Refused):
            await eve.client.rate(conversation, 1)
        await eve.client.older(conversation, 99)
        await eve.says(line("I see nothing."))
        assert not any(one["conversation"] == conversation for one in eve.client.screen.ordered())


async def test_the_pages_carry_the_widget(world: Outside) -> None:
    widget = world.stack.widget
    loader = f"{widget.url}/widget/v1/loader.js"
    for page in widget.pages.values():
        async with world.session.get(page) as answer:
            assert answer.status == 200
            assert loader in await answer.text()
    look = f"{widget.url}/widget/v1/{widget.account}/look"
    async with world.session.get(look, headers={"Origin": widget.origin}) as answer:
        told = await answer.json()
    assert (told["title"], told["csat"]) == ("Lumen Lamps", True)
