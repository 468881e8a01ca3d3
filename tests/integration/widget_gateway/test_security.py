"""What is refused at the doors, and how clearly: tokens, proofs, origins, bodies."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from support.waiting import until_true
from support.widget import ORIGIN, SECRET, Gate, WidgetWorld
from vault.keyring import KeyRing
from vault.signing import Signer
from widget_gateway.sessions.tokens import ANONYMOUS_S, Tokens
from widget_gateway.visitor import new_id


def token_of(world: WidgetWorld, age_s: float = 0, ring: KeyRing | None = None) -> str:
    """A token of the world's channel, made some time ago, perhaps under somebody else's keys."""
    signer = Signer((ring or world.visitor_ring).active_first())
    tokens = Tokens(signer, lambda: time.time() - age_s)
    return tokens.write(tokens.visitor(world.channel_id, new_id(), new_id()))


def changed(token: str) -> str:
    """With one character in the middle replaced."""
    middle = len(token) // 2
    other = "A" if token[middle] != "A" else "B"
    return token[:middle] + other + token[middle + 1 :]


RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def text_of(part: Any) -> str:
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(header: Any, claims: Any, secret: str = SECRET) -> dict[str, str]:
    """A JWT with any header, its HMAC right."""
    words = f"{text_of(header)}.{text_of(claims)}"
    mac = hmac.digest(secret.encode(), words.encode(), hashlib.sha256)
    return {"jwt": f"{words}.{text_of(mac)}"}


def claims(**more: Any) -> dict[str, Any]:
    return {"sub": "u1", "exp": int(time.time()) + 300, "jti": str(uuid4()), **more}


def hmac_proof(**more: Any) -> dict[str, Any]:
    """A proof as the site signs it; `signs` replaces what the HMAC is over."""
    proof = {"user_id": "u1", "exp": int(time.time()) + 300, "nonce": uuid4().hex}
    text = more.pop("signs", None) or "{user_id}.{exp}.{nonce}".format(**(proof | more))
    secret = more.pop("secret", SECRET)
    mac = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    return {**proof, "hmac": mac, **more}


async def test_tokens_that_are_none_of_this_channel(world: WidgetWorld, gate: Gate) -> None:
    await world.put(account="other-shop")

    async def known() -> bool:
        return (await gate.ask("GET", "/look", account="other-shop")).status == 200

    await until_true(known)
    theirs = (await gate.sessions(account="other-shop")).json["token"]
    good = (await gate.session())["token"]
    for token in (
        "no token at all",
        "",
        changed(good),
        good[:-4],
        theirs,
        token_of(world, ring=KeyRing.new("visitors", "stolen")),
    ):
        for answered in (
            await gate.sessions(token),
            await gate.ask("DELETE", "/sessions", token=token),
        ):
            assert (answered.status, answered.code) == (401, "session_refused")
    assert (await gate.session(good))["token"]


async def test_a_token_too_old(world: WidgetWorld, gate: Gate) -> None:
    assert (await gate.sessions(token_of(world, ANONYMOUS_S - 60))).status == 200
    refused = await gate.sessions(token_of(world, ANONYMOUS_S))
    assert (refused.status, refused.code) == (401, "session_expired")


async def test_a_key_that_was_replaced_still_opens(world: WidgetWorld, gate: Gate) -> None:
    token = (await gate.session())["token"]
    turned = world.visitor_ring.with_new_key("newer")
    async with world.gateway(vault_keys_visitors=turned.dump()) as other:
        assert (await other.sessions(token)).status == 200


REFUSED_PROOFS: dict[str, Callable[[], Any]] = {
    "another secret": lambda: signed({"alg": "HS256"}, claims(), "x" * 32),
    "no signature": lambda: {"jwt": f"{text_of({'alg': 'none'})}.{text_of(claims())}."},
    "alg none, signed": lambda: signed({"alg": "none"}, claims()),
    "alg None": lambda: signed({"alg": None}, claims()),
    "alg a list": lambda: signed({"alg": ["HS256"]}, claims()),
    "alg HS512": lambda: {"jwt": jwt.encode(claims(), SECRET * 2, algorithm="HS512")},
    "alg RS256, signed by HMAC": lambda: signed({"alg": "RS256"}, claims()),
    "alg RS256, signed by RSA": lambda: {"jwt": jwt.encode(claims(), RSA, algorithm="RS256")},
    "no sub": lambda: signed({"alg": "HS256"}, {"exp": 1, "jti": "x"}),
    "no exp": lambda: signed({"alg": "HS256"}, {"sub": "u1", "jti": "x"}),
    "no jti": lambda: signed({"alg": "HS256"}, {"sub": "u1", "exp": int(time.time()) + 9}),
    "empty jti": lambda: signed({"alg": "HS256"}, claims(jti="")),
    "sub is a number": lambda: signed({"alg": "HS256"}, claims(sub=7)),
    "sub is empty": lambda: signed({"alg": "HS256"}, claims(sub="")),
    "sub is long": lambda: signed({"alg": "HS256"}, claims(sub="u" * 257)),
    "sub has a control character": lambda: signed({"alg": "HS256"}, claims(sub="u\x1f1")),
    "sub is half a pair": lambda: signed({"alg": "HS256"}, claims(sub="u\ud800")),
    "jti is half a pair": lambda: signed({"alg": "HS256"}, claims(jti="\ud800")),
    "name is half a pair": lambda: signed({"alg": "HS256"}, claims(name="\ud800")),
    "exp beyond all floats": lambda: signed({"alg": "HS256"}, claims(exp=10**400)),
    "exp is a word": lambda: signed({"alg": "HS256"}, claims(exp="tomorrow")),
    "exp is true": lambda: signed({"alg": "HS256"}, claims(exp=True)),
    "exp is no number": lambda: signed({"alg": "HS256"}, claims(exp=float("nan"))),
    "exp is infinite": lambda: signed({"alg": "HS256"}, claims(exp=float("inf"))),
    "exp an hour ahead": lambda: signed({"alg": "HS256"}, claims(exp=int(time.time()) + 3600)),
    "exp eleven minutes ahead": lambda: signed({"alg": "HS256"}, claims(exp=time.time() + 660)),
    "claims are a list": lambda: signed({"alg": "HS256"}, [1]),
    "claims are deep": lambda: signed({"alg": "HS256"}, b"[" * 2000),
    "header is deep": lambda: signed(b"[" * 2000, claims()),
    "not a JWT": lambda: {"jwt": "a.b.c"},
    "HMAC of another secret": lambda: hmac_proof(secret="y" * 32),
    "HMAC of another user": lambda: hmac_proof(signs="u2.1.x"),
    "HMAC an hour ahead": lambda: hmac_proof(exp=int(time.time()) + 3600),
}


@pytest.mark.parametrize("name", REFUSED_PROOFS)
@pytest.mark.parametrize("world", ["memory"], indirect=True)
async def test_proofs_that_prove_nothing(name: str, gate: Gate) -> None:
    refused = await gate.sessions(None, REFUSED_PROOFS[name]())
    assert (refused.status, refused.code) == (401, "identity_refused")
    assert SECRET.encode() not in refused.body


@pytest.mark.parametrize("make", [lambda e: signed({"alg": "HS256"}, claims(exp=e)),
                                  lambda e: hmac_proof(exp=e)])  # fmt: skip
async def test_a_proof_too_old(gate: Gate, make: Callable[[int], Any]) -> None:
    refused = await gate.sessions(None, make(int(time.time()) - 60))
    assert (refused.status, refused.code) == (401, "identity_expired")


@pytest.mark.parametrize("world", ["memory"], indirect=True)
async def test_an_hmac_cannot_be_cut_elsewhere(gate: Gate) -> None:
    """`victim.<exp>` with a nonce is not `victim` with another: a nonce has no dots."""
    exp = int(time.time()) + 300
    taken = hmac_proof(user_id=f"victim.{exp}", exp=exp, nonce="n" * 16)
    assert (await gate.sessions(None, taken)).status == 200
    cut = {**taken, "user_id": "victim", "nonce": f"{exp}.{'n' * 16}"}
    assert (await gate.sessions(None, cut)).code == "malformed"


@pytest.mark.parametrize("kind", ["jwt", "hmac"])
async def test_a_proof_holds_once_over_all_replicas(
    world: WidgetWorld, gate: Gate, kind: str
) -> None:
    proof = world.proof("u1") if kind == "jwt" else hmac_proof()
    async with world.gateway() as other:
        answers = await asyncio.gather(
            *(replica.sessions(None, proof) for replica in (gate, other) * 4)
        )
    assert sorted(answer.status for answer in answers) == [200] + [401] * 7
    assert {answer.code for answer in answers if answer.status == 401} == {"identity_replayed"}


async def test_a_proof_for_one_channel_is_none_for_another(world: WidgetWorld, gate: Gate) -> None:
    """Even of two channels that share a secret: each counts its own nonces."""
    await world.put(account="other-shop")
    proof = world.proof("u1")
    assert (await gate.sessions(None, proof)).status == 200
    assert (await gate.sessions(None, proof)).code == "identity_replayed"
    assert (await gate.sessions(None, proof, account="other-shop")).status == 200


async def test_without_a_bus_nobody_is_identified(world: WidgetWorld, gate: Gate) -> None:
    kept = await gate.session()
    proof = world.proof("u1")
    await world.rig.outage()
    for answered in (
        await gate.sessions(None, proof),
        await gate.sessions(kept["token"]),
        await gate.ask("DELETE", "/sessions", token=kept["token"]),
    ):
        assert (answered.status, answered.code) == (503, "unavailable")
        assert int(answered.headers["Retry-After"]) >= 1
    await world.rig.recover()
    assert (await gate.sessions(None, proof)).status == 200


@pytest.mark.parametrize("world", ["memory"], indirect=True)
@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "malformed"),
        (b"[]", 400, "malformed"),
        (b"{", 400, "malformed"),
        (b'{"token": 7}', 400, "malformed"),
        (b'{"identity": {}}', 400, "malformed"),
        (b'{"identity": {"jwt": "' + b"x" * 5000 + b'"}}', 400, "malformed"),
        (b'{"token": "' + b"x" * 3000 + b'"}', 400, "malformed"),
        (b"[" * 10_000, 400, "malformed"),
        (b'{"identity":' * 1000, 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (b" " * 17_000, 413, "too_large"),
    ],
)
async def test_bodies_that_are_none(gate: Gate, body: bytes, status: int, code: str) -> None:
    refused = await gate.ask("POST", "/sessions", data=body)
    assert (refused.status, refused.code) == (status, code)
    assert len(refused.body) < 400


@pytest.mark.parametrize("world", ["memory"], indirect=True)
async def test_a_body_without_an_end_is_cut_off(gate: Gate) -> None:
    async def pieces() -> Any:
        for _ in range(100):
            yield b" " * 1000

    refused = await gate.ask("POST", "/sessions", data=pieces())
    assert (refused.status, refused.code) == (413, "too_large")


@pytest.mark.parametrize("world", ["memory"], indirect=True)
@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "",
        "https://evil.example",
        "http://shop.example",
        "https://shop.example:8443",
        "https://shop.example.evil.example",
        "https://evil-shop.example",
        "https://SHOP.example",
        f"{ORIGIN}/",
        f"{ORIGIN} https://evil.example",
    ],
)
async def test_foreign_origins(world: WidgetWorld, gate: Gate, origin: str | None) -> None:
    token = token_of(world)
    answers = [
        await gate.sessions(origin=origin),
        await gate.ask("DELETE", "/sessions", token=token, origin=origin),
        await gate.ask("OPTIONS", "/sessions", origin=origin),
    ]
    if origin is not None:
        answers.append(await gate.ask("GET", "/look", origin=origin))
    for answered in answers:
        assert (answered.status, answered.code) == (403, "foreign_origin")
        assert "Access-Control-Allow-Credentials" not in answered.headers
        assert answered.headers["Vary"] == "Origin"
    assert (await gate.sessions(token)).status == 200


@pytest.mark.parametrize("world", ["memory"], indirect=True)
async def test_a_second_origin_header_is_no_way_in(gate: Gate) -> None:
    url = gate.path("/sessions")
    headers = [("Origin", ORIGIN), ("Origin", "https://evil.example")]
    async with gate.http.post(url, headers=headers, json={}) as response:
        assert response.status == 403
