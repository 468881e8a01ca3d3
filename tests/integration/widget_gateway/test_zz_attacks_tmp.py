"""Attacks."""

import asyncio, json, time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4
import pytest, jwt
from support.rigs import Rig, make_rig
from support.talk import Talk, message, open_socket, talk_to, talking
from support.team import Team
from support.widget import SECRET, Gate, WidgetWorld, widget_world, ORIGIN


@pytest.fixture(params=["memory", "jetstream"])
async def rig(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Rig]:
    rig = await make_rig(request.param, tmp_path)
    yield rig
    await rig.close()


@pytest.fixture
async def team() -> Team:
    return Team()


@pytest.fixture
async def world(rig, team):
    async with widget_world(rig, history=team) as world, team.at_work(rig.bus, world):
        yield world


@pytest.fixture
async def gate(world):
    async with world.gateway() as gate:
        yield gate


async def test_identify_race(world, gate):
    first = await gate.session()
    async with world.gateway() as other:
        got = await asyncio.gather(
            *[
                g.sessions(first["token"], world.proof(u))
                for u in ("mallory", "ada")
                for g in (gate, other)
            ]
        )
    ok = [a.json["visitor"] for a in got if a.status == 200]
    print("RACE", [a.status for a in got], ok)
    assert len({(v["id"]) for v in ok}) == len({(v["id"], v["user_id"]) for v in ok})


async def test_surrogates(world, gate):
    def proof(**c):
        import base64, hashlib, hmac

        b = lambda r: base64.urlsafe_b64encode(r).rstrip(b"=").decode()
        cl = {"sub": "u1", "exp": int(time.time()) + 300, "jti": str(uuid4()), **c}
        w = b(b'{"alg":"HS256"}') + "." + b(json.dumps(cl).encode())
        return {"jwt": w + "." + b(hmac.digest(SECRET.encode(), w.encode(), hashlib.sha256))}

    for c in (
        {"sub": "\ud800"},
        {"name": "\ud800"},
        {"email": "\ud800@x.y"},
        {"jti": "\ud800"},
        {"jti": ["a"]},
        {"jti": {"a": 1}},
        {"sub": "a\u202eb"},
        {"sub": "e\u0301"},
        {"name": "\u202eevil"},
        {"exp": 10**400},
        {"exp": -1e308},
        {"name": "x" * 100000},
    ):
        a = await gate.sessions(None, proof(**c))
        print(
            "SURR",
            str(c)[:40].encode("ascii", "backslashreplace"),
            a.status,
            a.code or a.json["visitor"],
        )


async def test_frames_odd(gate, team, caplog):
    s = await gate.session()
    frames = [
        b'{"t":"ping","k":' + b"9" * 60000 + b"}",
        b"[" * 60000,
        b'{"t":' + b"[" * 30000,
        b'{"t":"message","id":"' + b"a" * 20 + b'","parts":' + b"[" * 3000 + b"]" * 3000 + b"}",
        b'{"t":"message","id":"'
        + b"a" * 20
        + b'","x":"\\u0000","parts":'
        + b"[" * 3000
        + b"]" * 3000
        + b"}",
        b'{"t":"message","id":"'
        + b"a" * 20
        + b'","at":1e300,"parts":[{"kind":"text","text":"x"}]}',
        b'{"t":"message","id":"'
        + b"b" * 20
        + b'","at":"0001-01-01T00:00:00+14:00","mark":"x","after":"9999-12-31T23:59:59-14:00","parts":[{"kind":"text","text":"x"}]}',
        b'{"t":"message","id":"'
        + b"c" * 20
        + b'","at":-62135596800,"mark":"\xc3\xa9","after":253402300799,"parts":[{"kind":"text","text":"x"}]}',
        b'{"t":"ack","conversation":"'
        + str(uuid4()).encode()
        + b'","at":"0001-01-01T00:00:00+14:00","read":5}',
        b'{"t":"older","conversation":"' + str(uuid4()).encode() + b'","before":2147483647}',
        b'{"t":"rate","id":"'
        + b"d" * 20
        + b'","score":5,"conversation":"'
        + str(uuid4()).encode()
        + b'"}',
        b'{"t":"message","id":"'
        + b"e" * 20
        + b'","parts":[{"kind":"text","text":"x"}],"page":{"url":"https://a.b/?\\ud800=1","title":"\\ud83d"}}',
        b'{"t":"message","id":"'
        + b"f" * 20
        + b'","parts":[{"kind":"file","file":"'
        + s["token"].encode()
        + b'"}]}',
        b'{"t":"message","id":"'
        + b"g" * 20
        + b'","parts":[{"kind":"file","file":"\\u00e9\\u0000"}]}',
        b'{"t":"message","id":"'
        + b"h" * 20
        + b'","lead":{"name":"\\u202e\\u0007  ","email":"a\\r\\nBcc: x@y","phone":"javascript:1"},"parts":[{"kind":"text","text":"hi"}]}',
        b"\xff\xfe{",
        b"",
        b"null",
        b'{"t":"hello","proto":1,"token":"x"}',
        b'{"t":"message","t":"ping","k":1}',
        b"NaN",
    ]
    for f in frames:
        t = time.perf_counter()
        a = await gate.ask("POST", "/frames", token=s["token"], data=f)
        print("FRAME", f[:40], a.status, a.body[:150], round(time.perf_counter() - t, 3))
        assert a.status != 500
    bad = [
        b'{"cursors":{' + b",".join(b'"%s":1' % str(uuid4()).encode() for _ in range(51)) + b"}}",
        b'{"wait":NaN}',
        b'{"wait":1e999}',
        b'{"wait":-0.0,"cursors":{"x":1}}',
        b'{"cursors":{"%s":%s}}' % (str(uuid4()).encode(), b"9" * 5000),
    ]
    for f in bad:
        a = await gate.ask("POST", "/poll", token=s["token"], data=f)
        print("POLL", f[:40], a.status, a.body[:120])
        assert a.status == 400


async def test_confusion(world, gate, team):
    s = await gate.session()
    up = await gate.ask("POST", "/files?name=a.txt", token=s["token"], data=b"hello there")
    assert up.status == 201, up.body
    h = up.json["file"]
    async with talking(gate, s) as talk:
        f = message("x")
        await talk.send(f)
        tk = await talk.next("taken")
    mark = tk["mark"]
    for w in (h, mark):
        assert (await gate.sessions(w)).code == "session_refused"
        assert (await gate.ask("POST", "/poll", token=w, json={})).code == "session_refused"
    async with gate.http.get(gate.url + "/widget/v1/files/" + h) as r:
        assert r.status == 404
    async with gate.http.get(gate.url + "/widget/v1/files/" + s["token"]) as r:
        assert r.status == 404
    o = await gate.session()
    for who in (o,):
        m = {"t": "message", "id": str(uuid4()), "parts": [{"kind": "file", "file": h}]}
        a = await gate.ask("POST", "/frames", token=who["token"], json=m)
        assert a.json["frames"][0]["code"] == "file_refused", a.body
    await world.put(account="other-shop")
    m = {"t": "message", "id": str(uuid4()), "parts": [{"kind": "file", "file": h}]}
    a = await gate.ask("POST", "/frames", token=s["token"], json=m)
    print(a.body[:200])
    a = await gate.ask("POST", "/frames", token=s["token"], json=m, account="other-shop")
    assert a.code == "session_refused"
    # download handle as upload handle
    hist = await gate.ask("POST", "/poll", token=s["token"], json={"wait": 0})
    print(hist.body[:600])


async def test_origin_tricks(world, gate):
    await world.put(config={"origins": "https://shop.example https://*.b.example https://*.co.uk"})
    for o in [
        "null",
        "https://shop.example.",
        "https://shop.example:443",
        "https://SHOP.example",
        "https://shop.example/",
        "https://shop.example.evil.com",
        "http://shop.example",
        "https://shop.example@evil.com",
        "https://evil.com#https://shop.example",
        "https://x.y.b.example",
        "https://.b.example",
        "https://b.example",
        "https://a.b.example.",
        "https://a%2eb.b.example",
        "https://a\tb.b.example".replace("\t", "_"),
        "https://xn--80ak6aa92e.b.example",
        "file://",
        "",
        "https://evil.co.uk",
        "https://a.b.example:444",
    ]:
        a = await gate.ask("POST", "/sessions", json={}, origin=o)
        print("ORIGIN", repr(o), a.status, a.headers.get("Access-Control-Allow-Origin"))
