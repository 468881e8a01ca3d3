"""Channel accounts over REST: connected, changed, their secrets sealed and never shown."""

import json
from typing import Any
from uuid import UUID

import pytest

from support.rest import Answer, Rest
from support.seeds import add_channel, add_workspace
from vault.seal import Place, unseal_text

NEW = {"type": "whatsapp", "account": "1065", "name": "Second number", "secret": "EAAB-secret"}


async def connect(rest: Rest, **changed: Any) -> Answer:
    return await rest.post("/channels", {**NEW, **changed})


async def change(rest: Rest, channel: str, body: Any, tag: str | None = "*") -> Answer:
    headers = {"If-Match": tag} if tag else {}
    return await rest.ask("PATCH", f"/channels/{channel}", body, headers=headers)


async def unsealed(rest: Rest, channel: str) -> str:
    sealed = await rest.admin.fetchval("SELECT secret FROM channels WHERE id = $1", UUID(channel))
    place = Place(rest.workspace, "channels", UUID(channel), "secret")
    return unseal_text(rest.parts.ring, sealed, place)


async def test_a_channel_from_connecting_to_switching_off(rest: Rest) -> None:
    made = await connect(rest)
    assert (made.status, made.headers["ETag"]) == (201, '"v1"')
    channel = made.json["id"]
    assert await unsealed(rest, channel) == "EAAB-secret"
    changed = await change(rest, channel, {"enabled": False, "name": "Old number"}, '"v1"')
    assert (changed.json["enabled"], changed.json["name"]) == (False, "Old number")
    assert changed.headers["ETag"] == '"v2"'
    assert (await rest.get(f"/channels/{channel}")).json == changed.json
    assert changed.json in (await rest.get("/channels")).json["items"]
    assert len(rest.parts.mirrored) == 2


async def test_a_secret_is_replaced_and_never_told(rest: Rest) -> None:
    channel = (await connect(rest)).json["id"]
    await change(rest, channel, {"secret": "EAAB-newer"})
    assert await unsealed(rest, channel) == "EAAB-newer"
    listed = await rest.get("/channels")
    audit = await rest.admin.fetch("SELECT action, details FROM audit_log ORDER BY id")
    outbox = await rest.admin.fetch("SELECT body FROM outbox")
    assert [row["action"] for row in audit] == ["channel.connected", "channel.changed"]
    assert json.loads(audit[1]["details"]) == {"secret": "replaced"}
    assert b"EAAB" not in listed.body
    assert all(b"EAAB" not in row["body"] and b"sv1." not in row["body"] for row in outbox)


async def test_screens_are_told(rest: Rest) -> None:
    channel = (await connect(rest)).json
    [row] = await rest.admin.fetch("SELECT lane, body FROM outbox")
    [event] = json.loads(row["body"])
    assert (row["lane"], event["type"]) == ("changes", "channel.updated")
    assert event["data"]["state"] == channel


async def test_the_same_settings_change_nothing(rest: Rest) -> None:
    made = await connect(rest)
    same = await change(rest, made.json["id"], {"name": NEW["name"], "enabled": True})
    assert same.json == made.json
    assert await rest.admin.fetchval("SELECT count(*) FROM outbox") == 1


async def test_an_account_belongs_to_one_channel_anywhere(rest: Rest) -> None:
    theirs = await add_workspace(rest.admin, "Theirs")
    await add_channel(rest.admin, theirs, account="taken")
    for account in ("taken", NEW["account"]):
        if account == NEW["account"]:
            assert (await connect(rest)).status == 201
        answer = await connect(rest, account=account)
        assert (answer.status, answer.json["code"]) == (409, "account_taken")
        assert str(theirs) not in answer.body.decode()


async def test_a_change_names_the_version_it_is_of(rest: Rest) -> None:
    channel = (await connect(rest)).json["id"]
    missing = await change(rest, channel, {"name": "x"}, None)
    assert (missing.status, missing.json["code"]) == (428, "precondition_required")
    assert (await change(rest, channel, {"name": "x"}, '"v1"')).status == 200
    late = await change(rest, channel, {"name": "y"}, '"v1"')
    assert (late.status, late.json["current"]["name"]) == (412, "x")


WRONG: list[Any] = [
    ({"type": "Whats App"}, "/type"),
    ({"account": "a b"}, "/account"),
    ({"account": "a..b"}, "/account"),
    ({"account": ""}, "/account"),
    ({"name": " "}, "/name"),
    ({"name": "a\nb"}, "/name"),
    ({"secret": ""}, "/secret"),
    ({"secret": "with space"}, "/secret"),
    ({"base_url": "https://evil.example"}, "/base_url"),
]


@pytest.mark.parametrize(("changed", "pointer"), WRONG)
async def test_a_wrong_value_is_named(rest: Rest, changed: dict[str, Any], pointer: str) -> None:
    answer = await connect(rest, **changed)
    assert answer.status == 422
    assert [error["pointer"] for error in answer.json["errors"]] == [pointer]
    secret = changed.get("secret")
    assert not secret or secret not in answer.body.decode()
