"""The doors themselves: which pages may read what, and what is said where nothing is."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from contracts.parts import Problem
from contracts.rpc import ValidateAnswer, ValidateRequest
from contracts.signals import Attendance
from contracts.subjects import ATTENDANCE, signal, validate
from sluice_local.servers.redis import RedisServer
from support.waiting import until_true
from support.widget import ORIGIN, SECRET, Gate, WidgetWorld
from vault.seal import Place, seal
from widget_gateway.doors.assets import FOLDER, LOADER, AssetDoor
from widget_gateway.doors.look import look_of
from widget_gateway.doors.rim import PREFIX, gateway_app
from widget_gateway.site.config import parse

WORKDAYS = {
    "hours": "Mo-Fr 09:00-17:00",
    "time_zone": "Europe/Berlin",
    "holidays": "2026-12-25",
}


@pytest.mark.parametrize("world", ["memory"], indirect=True)
async def test_a_preflight_allows_what_the_client_sends(gate: Gate) -> None:
    answered = await gate.ask(
        "OPTIONS",
        "/sessions",
        headers={
            "Access-Control-Request-Method": "DELETE",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )
    assert (answered.status, answered.body) == (204, b"")
    assert answered.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert answered.headers["Access-Control-Allow-Headers"] == "authorization, content-type"
    assert "DELETE" in answered.headers["Access-Control-Allow-Methods"]
    assert answered.headers["Vary"] == "Origin"


@pytest.mark.parametrize("world", ["memory"], indirect=True)
async def test_every_answer_names_the_page_that_asked_and_is_plain(gate: Gate) -> None:
    for answered in (await gate.sessions(), await gate.sessions("forged")):
        assert answered.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert answered.headers["Vary"] == "Origin"
        assert answered.headers["Cache-Control"] == "no-store"
        assert answered.headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in answered.headers
        assert "Python" not in answered.headers["Server"]


@pytest.mark.parametrize("world", ["memory"], indirect=True)
async def test_a_problem_says_what_it_is(gate: Gate) -> None:
    refused = await gate.ask("GET", "/look", account="nobody")
    assert refused.status == 404
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.json == {
        "type": "urn:sluice:problem:unknown_channel",
        "title": "There is no such channel, or it is switched off",
        "status": 404,
        "code": "unknown_channel",
    }


@pytest.mark.parametrize("world", ["memory"], indirect=True)
async def test_places_where_nothing_is(gate: Gate) -> None:
    for method, url, status in (
        ("GET", f"{gate.url}/", 404),
        ("GET", f"{gate.url}/metrics", 404),
        ("GET", f"{gate.url}{PREFIX}/../../etc/passwd", 404),
        ("GET", gate.path("/nothing"), 404),
        ("GET", gate.path("/sessions"), 404),
        ("PUT", gate.path("/sessions"), 405),
    ):
        async with gate.http.request(method, url, headers={"Origin": ORIGIN}) as response:
            assert response.status == status, url
            assert (await response.json(content_type=None))["status"] == status


async def test_a_channel_that_is_switched_off_is_not_there(world: WidgetWorld, gate: Gate) -> None:
    async def gone() -> bool:
        return (await gate.ask("GET", "/look")).code == "unknown_channel"

    assert (await gate.ask("GET", "/look")).status == 200
    await world.put(enabled=False)
    await until_true(gone)
    assert (await gate.sessions()).code == "unknown_channel"
    assert (await gate.ask("OPTIONS", "/sessions")).code == "unknown_channel"


async def test_a_site_that_changes_is_seen_at_once(world: WidgetWorld, gate: Gate) -> None:
    async def moved() -> bool:
        return (await gate.ask("GET", "/look", origin="https://new.example")).status == 200

    await world.put(config={"origins": "https://new.example"})
    await until_true(moved)
    assert (await gate.ask("GET", "/look")).code == "foreign_origin"


async def test_a_site_that_cannot_be_read_is_not_there(world: WidgetWorld, gate: Gate) -> None:
    async def gone() -> bool:
        return (await gate.ask("GET", "/look")).code == "unknown_channel"

    await world.put(config={"title": "no origins"})
    await until_true(gone)


async def somebody_is_there(gate: Gate) -> None:
    """Returns when the gateway has heard it."""
    body = Attendance(process="p1", people=1).model_dump_json().encode()
    await gate.bus.notify(signal(gate.world.workspace_id, ATTENDANCE), body)

    async def known() -> bool:
        return (await gate.ask("GET", "/look")).json.get("present") is True

    await until_true(known)


@pytest.mark.parametrize("world", ["memory"], indirect=True)
async def test_the_look_is_for_everybody_and_holds_no_secret(gate: Gate) -> None:
    await somebody_is_there(gate)
    answered = await gate.ask("GET", "/look", origin=None)
    assert answered.status == 200
    assert answered.headers["Cache-Control"] == "public, max-age=30"
    assert answered.json == {
        "title": "Shop",
        "position": "right",
        "theme": "auto",
        "form": [],
        "csat": False,
        "present": True,
        "max_file": 25 * 1024 * 1024,
    }
    assert ORIGIN.encode() not in answered.body
    assert SECRET.encode() not in answered.body


@pytest.mark.parametrize("world", ["memory"], indirect=True)
async def test_a_look_says_nothing_of_who_is_there_before_that_is_known(gate: Gate) -> None:
    first = await gate.ask("GET", "/look")
    assert "present" not in first.json
    assert first.headers["Cache-Control"] == "no-store"
    await somebody_is_there(gate)
    assert (await gate.ask("GET", "/look")).json["present"] is True


def test_what_a_look_tells_of_a_whole_site() -> None:
    site = parse(
        {
            "origins": ORIGIN,
            "greeting": "Hello",
            "away": "We are asleep",
            "colour": "#1a73e8",
            "form": "required",
            "form_fields": "email name",
            "csat": "on",
            "language": "de",
            **WORKDAYS,
        }
    )
    told = look_of(site, datetime(2026, 12, 24, 18, 0, tzinfo=UTC))
    assert told["form"] == [
        {"name": "name", "required": True},
        {"name": "email", "required": True},
    ]
    # Christmas Day is a holiday, the 26th a Saturday.
    assert told["hours"] == {"open": False, "next": "2026-12-28T08:00:00.000Z"}
    assert (told["colour"], told["csat"], told["language"]) == ("#1a73e8", True, "de")
    assert look_of(site, datetime(2026, 12, 24, 12, 0, tzinfo=UTC))["hours"] == {"open": True}


async def ask_to_connect(
    world: WidgetWorld, account: str = "my-shop", secret: str = SECRET, **config: str
) -> ValidateAnswer:
    """What inbox-core is answered when somebody connects a channel."""
    place = Place(world.workspace_id, "channels", world.channel_id, "secret")
    question = ValidateRequest(
        workspace_id=world.workspace_id,
        channel_id=world.channel_id,
        type="widget",
        account=account,
        secret=seal(world.channel_ring, secret, place),
        config=config,
    )
    body = question.model_dump_json().encode()
    return ValidateAnswer.model_validate_json(await world.rig.bus.ask(validate("widget"), body, 5))


@pytest.mark.usefixtures("gate")
async def test_a_channel_is_connected_when_all_is_in_order(world: WidgetWorld) -> None:
    answer = await ask_to_connect(world, origins=ORIGIN, title="My shop")
    assert answer.problem is None
    assert answer.name == "My shop"
    assert answer.health is not None
    assert answer.health.state == "active"


@pytest.mark.usefixtures("gate")
@pytest.mark.parametrize("world", ["memory"], indirect=True)
async def test_what_is_not_in_order_is_named(world: WidgetWorld) -> None:
    for answer, field, sentence in (
        (await ask_to_connect(world), "config", "origins: name at least one origin"),
        (await ask_to_connect(world, secret="short", origins=ORIGIN), "secret", "32 to 512"),
        (await ask_to_connect(world, "a b", origins=ORIGIN), "account", "letters, digits"),
        (await ask_to_connect(world, "files", origins=ORIGIN), "account", "letters, digits"),
        (await ask_to_connect(world, origins=ORIGIN, colur="red"), "config", "colur: there is no"),
        (await ask_to_connect(world, origins="*"), "config", "origins: '*' is not an origin"),
    ):
        assert isinstance(answer.problem, Problem)
        assert answer.field == field
        assert sentence in answer.problem.message
        assert "short" not in answer.problem.message


@pytest.mark.parametrize("world", ["memory"], indirect=True)
async def test_limits_of_an_address_count_the_visitor_behind_the_proxy(
    world: WidgetWorld,
) -> None:
    limits = {"sessions": [2, 0.001]}
    async with world.gateway(limits=limits, trusted_proxies='["127.0.0.1"]') as gate:
        here = {"X-Forwarded-For": "203.0.113.1"}
        assert [(await gate.sessions(headers=here)).status for _ in range(3)] == [200, 200, 429]
        refused = await gate.sessions(headers=here)
        assert refused.code == "too_many_requests"
        assert int(refused.headers["Retry-After"]) > 1
        # Whatever the visitor claims in front of what the proxy wrote counts for nothing.
        claimed = {"X-Forwarded-For": "198.51.100.7, 203.0.113.1"}
        assert (await gate.sessions(headers=claimed)).status == 429
        other = {"X-Forwarded-For": "203.0.113.2"}
        assert (await gate.sessions(headers=other)).status == 200


@pytest.mark.parametrize("world", ["memory"], indirect=True)
async def test_nobody_is_believed_without_a_trusted_proxy(world: WidgetWorld) -> None:
    async with world.gateway(limits={"sessions": [1, 0.001]}) as gate:
        assert (await gate.sessions(headers={"X-Forwarded-For": "203.0.113.1"})).status == 200
        assert (await gate.sessions(headers={"X-Forwarded-For": "203.0.113.2"})).status == 429


async def test_the_client_is_served_as_it_was_built(tmp_path: Path, aiohttp_client: Any) -> None:
    folder = tmp_path / "static"
    app = gateway_app()
    AssetDoor(folder).install(app, PREFIX)
    client = await aiohttp_client(app)

    missing = await client.get(f"{PREFIX}/loader.js")
    assert missing.status == 404
    assert "make widget" in (await missing.json(content_type=None))["detail"]

    (folder / "lang").mkdir(parents=True)
    (folder / "app-Ab12_x-9.js").write_text("export {};" * 100)
    (folder / "lang" / "ar.json").write_text("{}")
    (folder / "notes.txt").write_text("not for the web")
    (tmp_path / "secret.json").write_text("{}")
    (folder / "loader.js").write_text("1")

    loader = await client.get(f"{PREFIX}/loader.js")
    assert (loader.status, await loader.text()) == (200, "1")
    assert loader.headers["Cache-Control"] == "public, max-age=300"
    assert loader.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert loader.headers["Access-Control-Allow-Origin"] == "*"
    assert loader.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert loader.headers["X-Content-Type-Options"] == "nosniff"

    chunk = await client.get(f"{PREFIX}/app-Ab12_x-9.js")
    assert chunk.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert chunk.headers["Content-Encoding"] == "gzip"
    assert (await chunk.text()).startswith("export {};")
    unchanged = await client.get(
        f"{PREFIX}/app-Ab12_x-9.js", headers={"If-None-Match": chunk.headers["ETag"]}
    )
    assert (unchanged.status, await unchanged.read()) == (304, b"")

    assert (await client.get(f"{PREFIX}/lang/ar.json")).status == 200
    for path in ("notes.txt", "lang", "../secret.json", "%2e%2e/secret.json", "lang/../../x"):
        assert (await client.get(f"{PREFIX}/{path}")).status == 404


async def test_a_page_of_an_older_release_is_given_todays_chunks(
    tmp_path: Path, aiohttp_client: Any
) -> None:
    for name in ("loader.js", "app-Newer_12.js", "extras-Newer_34.js", "extra.js"):
        (tmp_path / name).write_text(name)
    app = gateway_app()
    AssetDoor(tmp_path).install(app, PREFIX)
    client = await aiohttp_client(app)
    for old, now in (
        ("extras-0lder-56.js", "extras-Newer_34.js"),
        ("app-Older_78.js", "app-Newer_12.js"),
        ("nothing-Older_78.js", None),
        ("lang/app-Older_78.js", None),
        ("app-Older_78.css", None),
        ("extra-Older_78.js", None),
    ):
        answered = await client.get(f"{PREFIX}/{old}")
        assert answered.status == (404 if now is None else 200), old
        if now is not None:
            assert await answered.text() == now
            assert answered.headers["Cache-Control"] == "no-store"
            assert answered.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.skipif(not (FOLDER / LOADER).exists(), reason="the client is not built")
def test_a_chunk_stands_alone() -> None:
    """One that imported the app of its own build would bring it beside the one that runs."""
    chunks = [file for file in FOLDER.glob("*-*.js") if not file.name.startswith("app-")]
    assert chunks
    for chunk in chunks:
        assert not re.search(r"\bimport\b\s*[\w{*(\"']", chunk.read_text()), chunk.name


@pytest.mark.parametrize("world", ["memory"], indirect=True)
async def test_replicas_share_their_limits_where_there_is_a_redis(
    world: WidgetWorld, redis_server: RedisServer
) -> None:
    shared = {"limits": {"sessions": [2, 0.001]}, "redis_url": redis_server.url}
    async with world.gateway(**shared) as one, world.gateway(**shared) as other:
        statuses = [(await gate.sessions()).status for gate in (one, other, one, other)]
    assert statuses == [200, 200, 429, 429]
