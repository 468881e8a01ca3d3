"""Contacts over REST: blocking and its refusals; and what a conversation tells of its source."""

from typing import Any
from uuid import UUID, uuid4

import asyncpg

from support.pages import BROWSER
from support.rest import Rest
from support.seeds import add_conversation


async def contact_of(rest: Rest, conversation: UUID) -> str:
    found = "SELECT contact_id FROM conversations WHERE id = $1"
    return str(await rest.admin.fetchval(found, conversation))


async def add_source(admin: asyncpg.Connection, conversation: UUID, **told: Any) -> None:
    await admin.execute(
        "INSERT INTO conversation_sources (workspace_id, conversation_id, page_url, utm,"
        ' user_agent, ip) SELECT workspace_id, id, $2, \'{"source": "mail"}\', $3, $4'
        " FROM conversations WHERE id = $1",
        conversation,
        told.get("page_url"),
        told.get("user_agent"),
        told.get("ip"),
    )


async def test_a_contact_is_blocked_and_heard_again(rest: Rest) -> None:
    conversation = await add_conversation(rest.admin, rest.workspace, rest.channel, "hi")
    path = f"/contacts/{await contact_of(rest, conversation)}/block"
    for _ in range(2):
        answer = await rest.ask("PUT", path)
        assert (answer.status, answer.headers["ETag"]) == (200, '"v2"')
        assert answer.json["blocked"] is True
    row = (await rest.get(f"/conversations/{conversation}")).json
    assert (row["contact"]["blocked"], row["contact"]["version"]) == (True, 2)
    refused = await rest.post(f"/conversations/{conversation}/messages", {"text": "hello"})
    assert (refused.status, refused.json["code"]) == (409, "contact_blocked")
    assert refused.json["current"]["contact"]["blocked"] is True
    answer = await rest.ask("DELETE", path)
    assert (answer.json["blocked"], answer.json["version"]) == (False, 3)
    sent = await rest.post(f"/conversations/{conversation}/messages", {"text": "hello"})
    assert sent.status == 201


async def test_a_block_may_name_the_version_it_is_about(rest: Rest) -> None:
    conversation = await add_conversation(rest.admin, rest.workspace, rest.channel, "hi")
    path = f"/contacts/{await contact_of(rest, conversation)}/block"
    refused = await rest.ask("PUT", path, headers={"If-Match": '"v7"'})
    assert (refused.status, refused.json["code"]) == (412, "version_mismatch")
    assert refused.json["current"]["display_name"] == "Bea"
    assert (await rest.ask("PUT", path, headers={"If-Match": '"v1"'})).status == 200
    gone = await rest.ask("PUT", f"/contacts/{uuid4()}/block", headers={"If-Match": '"v7"'})
    assert (gone.status, gone.json["code"]) == (404, "not_found")


async def test_a_conversation_tells_where_it_began(rest: Rest) -> None:
    conversation = await add_conversation(rest.admin, rest.workspace, rest.channel, "hi")
    assert (await rest.get(f"/conversations/{conversation}")).json["source"] is None
    page = "https://shop.example/shoes"
    await add_source(
        rest.admin, conversation, page_url=page, user_agent=BROWSER, ip="203.0.113.0/24"
    )
    source = (await rest.get(f"/conversations/{conversation}")).json["source"]
    assert (source["page_url"], source["ip"]) == (page, "203.0.113.0/24")
    assert source["utm"] == {"source": "mail"}
    assert source["device"] == {"browser": "Chrome 131", "os": "Windows 10"}
    assert "user_agent" not in source
    listed = (await rest.get("/conversations")).json["items"]
    assert "source" not in listed[0]


async def test_who_tells_no_browser_has_no_device(rest: Rest) -> None:
    conversation = await add_conversation(rest.admin, rest.workspace, rest.channel, "hi")
    await add_source(rest.admin, conversation)
    source = (await rest.get(f"/conversations/{conversation}")).json["source"]
    assert (source["device"], source["ip"], source["page_url"]) == (None, None, None)
