"""A credential is tried before it is stored, whenever somebody asks, and by itself now and then."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from contracts.events import AccountHealth
from contracts.parts import Problem
from contracts.rpc import ValidateAnswer, ValidateRequest
from inbox_core.adapters.postgres.store import PostgresStore, open_pool
from inbox_core.app.channels import ChannelSettings, change_channel
from inbox_core.app.desk import Desk
from inbox_core.app.validate import Revalidation, validate_channel
from inbox_core.domain.actors import WORKER
from inbox_core.domain.errors import VersionMismatch
from support.capable import capable
from support.database import Database
from support.rest import Answer, Rest
from vault.seal import Place, seal, unseal_text

NEW = {"type": "whatsapp", "account": "1065", "secret": "EAAB-secret"}
EXPIRES = datetime(2027, 1, 1, tzinfo=UTC)
GOOD = ValidateAnswer(
    name="Shop",
    parent="waba:9",
    config={"flavour": "page"},
    token_expires_at=EXPIRES,
    health=AccountHealth(quality="GREEN", limit="TIER_1K"),
)
AWAY = Problem(kind="transient", message="The platform is away.", retryable=True)


def bad(field: str | None = None) -> ValidateAnswer:
    return ValidateAnswer(problem=Problem(kind="auth", message="The token is dead."), field=field)


async def connect(rest: Rest, answer: ValidateAnswer | None, **more: Any) -> Answer:
    rest.parts.adapter.append(answer)
    return await rest.post("/channels", {**NEW, **more})


async def change(rest: Rest, channel: str, body: Any) -> Answer:
    return await rest.ask("PATCH", f"/channels/{channel}", body, headers={"If-Match": "*"})


async def test_a_good_credential_brings_what_the_platform_knows(rest: Rest) -> None:
    made = await connect(rest, GOOD, config={"login": "page"})
    assert made.status == 201, made.body
    channel = made.json
    assert (channel["name"], channel["parent"]) == ("Shop", "waba:9")
    assert channel["config"] == {"flavour": "page", "login": "page"}
    health = channel["health"]
    assert (health["state"], health["validation"]) == ("healthy", "verified")
    assert (health["quality"], health["messaging_limit"]) == ("GREEN", "TIER_1K")
    assert datetime.fromisoformat(health["token_expires_at"]) == EXPIRES
    assert (await rest.get(f"/channels/{channel['id']}")).json == channel
    [asked] = rest.parts.asked
    place = Place(rest.workspace, "channels", UUID(channel["id"]), "secret")
    assert unseal_text(rest.parts.ring, asked.secret, place) == NEW["secret"]
    assert asked.config == {"login": "page"}


@pytest.mark.parametrize("field", ["secret", "account", "config", None])
async def test_a_bad_one_is_refused_and_nothing_stored(rest: Rest, field: str | None) -> None:
    answer = await connect(rest, bad(field))
    assert (answer.status, answer.json["code"]) == (422, "channel_refused")
    [error] = answer.json["errors"]
    assert (error["pointer"], error["detail"]) == (f"/{field or 'secret'}", "The token is dead.")
    assert len((await rest.get("/channels")).json["items"]) == 1
    assert rest.parts.mirrored == []


@pytest.mark.parametrize("answer", [None, ValidateAnswer(problem=AWAY)], ids=["nobody", "away"])
async def test_without_a_verdict_nobody_gets_an_account(
    rest: Rest, answer: ValidateAnswer | None
) -> None:
    before = (await rest.get("/channels")).json
    unsure = await connect(rest, answer)
    assert (unsure.status, unsure.json["code"]) == (503, "unavailable")
    assert (await rest.get("/channels")).json == before
    assert (await connect(rest, GOOD)).status == 201  # and a moment later it is connected


async def test_a_new_secret_is_tried_too(rest: Rest) -> None:
    channel = (await connect(rest, GOOD)).json["id"]
    rest.parts.adapter.append(bad("secret"))
    refused = await change(rest, channel, {"secret": "EAAB-dead"})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "/secret")
    assert (await change(rest, channel, {"name": "Renamed"})).status == 200
    assert len(rest.parts.asked) == 2
    rest.parts.adapter.append(None)
    unsure = await change(rest, channel, {"secret": "EAAB-newer"})
    assert (unsure.status, unsure.json["health"]["validation"]) == (200, "unverified")
    rest.parts.adapter.append(GOOD)
    changed = await change(rest, channel, {"config": {"login": "user"}})
    assert changed.json["config"] == {"login": "user", "flavour": "page"}
    assert changed.json["health"]["validation"] == "verified"


async def test_a_person_asks_again(rest: Rest) -> None:
    channel = (await connect(rest, GOOD)).json
    path = f"/channels/{channel['id']}/validate"
    same = await rest.post(path)
    assert same.json["version"] == channel["version"]
    rest.parts.adapter.append(bad())
    dead = await rest.post(path)
    assert (dead.status, dead.json["health"]["state"]) == (200, "failing")
    assert dead.json["health"]["problem"]["message"] == "The token is dead."
    assert dead.json["version"] == channel["version"] + 1
    rest.parts.adapter.append(None)
    assert (await rest.post(path)).status == 503
    assert (await rest.get(f"/channels/{channel['id']}")).json == dead.json
    actions = await rest.admin.fetch("SELECT action FROM audit_log ORDER BY id")
    assert [row["action"] for row in actions] == ["channel.connected", "channel.validated"]


class Meanwhile:
    """An adapter that takes its time: `happens` once while it is asked."""

    def __init__(
        self, rest: Rest, happens: Callable[[], Awaitable[Answer]], answer: ValidateAnswer
    ) -> None:
        desk = rest.parts.backend.desk
        self.desk = Desk(desk.store, desk.mirror, desk.ring, self.ask)
        self.happens = happens
        self.answer = answer

    async def ask(self, _question: ValidateRequest) -> ValidateAnswer:
        assert (await self.happens()).status == 200
        return self.answer


@pytest.mark.parametrize("asks", ["a change", "a check"])
async def test_an_answer_about_an_older_secret_replaces_no_newer_one(rest: Rest, asks: str) -> None:
    channel = (await connect(rest, GOOD)).json["id"]
    key = (rest.workspace, UUID(channel))
    place = Place(rest.workspace, "channels", key[1], "secret")
    stale = GOOD.model_copy(update={"secret": seal(rest.parts.ring, "EAAB-renewed", place)})
    slow = Meanwhile(rest, lambda: change(rest, channel, {"secret": "EAAB-newer"}), stale)
    now = datetime.now(UTC)
    if asks == "a change":
        settings = ChannelSettings(config={"login": "page"})
        with pytest.raises(VersionMismatch):
            await change_channel(slow.desk, key, settings, None, WORKER, now)
    else:
        await validate_channel(slow.desk, key, WORKER, now)
    sealed = await rest.admin.fetchval("SELECT secret FROM channels WHERE id = $1", key[1])
    assert unseal_text(rest.parts.ring, sealed, place) == "EAAB-newer"


async def test_an_answer_about_an_older_configuration_replaces_no_newer_one(rest: Rest) -> None:
    channel = (await connect(rest, GOOD)).json["id"]
    key = (rest.workspace, UUID(channel))
    stale = GOOD.model_copy(update={"parent": "waba:8", "config": {"waba_id": "8"}})
    rest.parts.adapter.append(GOOD)
    slow = Meanwhile(rest, lambda: change(rest, channel, {"config": {"waba_id": "9"}}), stale)
    await validate_channel(slow.desk, key, WORKER, datetime.now(UTC))
    after = (await rest.get(f"/channels/{channel}")).json
    assert (after["config"]["waba_id"], after["parent"]) == ("9", "waba:9")


async def test_failures_of_the_last_day_are_told(rest: Rest) -> None:
    now = datetime.now(UTC)
    for hours, kind, failures in ((1, "auth", 2), (5, "auth", 1), (30, "window", 9)):
        await rest.admin.execute(
            "INSERT INTO channel_errors (workspace_id, channel_id, hour, kind, failures)"
            " VALUES ($1, $2, $3, $4, $5)",
            rest.workspace,
            rest.channel,
            now - timedelta(hours=hours),
            kind,
            failures,
        )
    [channel] = (await rest.get("/channels")).json["items"]
    assert channel["health"]["errors"] == [{"kind": "auth", "failures": 3}]


async def test_what_channel_types_can_do_is_told(rest: Rest) -> None:
    rest.parts.book.note(capable("telepathy", replies=False))
    answer = await rest.get("/channel-types", by=rest.people["viewer"])
    types = {one["channel"]: one for one in answer.json["items"]}
    assert types.keys() == {"telepathy", "whatsapp"}
    assert (types["telepathy"]["replies"], types["whatsapp"]["text"]["max"]) == (False, 4096)


async def test_the_chore_looks_at_each_channel_in_its_turn(rest: Rest, database: Database) -> None:
    connected = await connect(rest, GOOD)
    pool = await open_pool(database.worker_url, size=2, name="test worker")
    store = PostgresStore(pool, book=rest.parts.book)
    desk = rest.parts.backend.desk
    chore = Revalidation(Desk(store, desk.mirror, desk.ring, desk.ask))
    now = datetime.now(UTC)
    try:
        rest.parts.adapter.append(None)
        assert await chore.step(now) == "unanswered"  # the seeded one was never validated
        assert await chore.step(now) == "nothing_due"
        rest.parts.adapter.append(bad())
        assert await chore.step(now + timedelta(hours=2)) == "refused"
        assert await chore.step(now + timedelta(hours=2, minutes=1)) == "nothing_due"
        assert await chore.step(now + timedelta(hours=25)) == "refused"
        assert await chore.step(now + timedelta(hours=25)) == "refused"
        assert await chore.step(now + timedelta(hours=25)) == "nothing_due"
    finally:
        await pool.close()
    health = (await rest.get(f"/channels/{connected.json['id']}")).json["health"]
    assert health["state"] == "failing"


async def test_a_renewed_secret_takes_the_place_of_the_old_one(
    rest: Rest, database: Database
) -> None:
    channel = (await connect(rest, GOOD)).json
    place = Place(rest.workspace, "channels", UUID(channel["id"]), "secret")
    renewed = seal(rest.parts.ring, "EAAB-renewed", place)
    rest.parts.adapter.append(GOOD.model_copy(update={"secret": renewed}))
    pool = await open_pool(database.worker_url, size=2, name="test worker")
    desk = rest.parts.backend.desk
    store = PostgresStore(pool, book=rest.parts.book)
    try:
        key = (rest.workspace, UUID(channel["id"]))
        view = await validate_channel(
            Desk(store, desk.mirror, desk.ring, desk.ask), key, WORKER, datetime.now(UTC)
        )
    finally:
        await pool.close()
    assert view.version == channel["version"] + 1
    sealed = await rest.admin.fetchval("SELECT secret FROM channels WHERE id = $1", key[1])
    assert unseal_text(rest.parts.ring, sealed, place) == "EAAB-renewed"
    assert "renewed" not in (await rest.get(f"/channels/{channel['id']}")).body.decode()
