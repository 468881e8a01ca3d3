"""Proofs of identity: their edges. What is refused stands in the security tests at the doors."""

import hashlib
import hmac
from typing import Any

import jwt
import pytest

from widget_gateway.sessions.proofs import (
    HmacProof,
    Identity,
    JwtProof,
    ProofRefused,
    check,
)

SECRET = "a secret of thirty-two characters or more"
NOW = 1_800_000_000.0


def signed(**more: Any) -> JwtProof:
    claims = {"sub": "u1", "exp": NOW + 60, "jti": "j1", **more}
    return JwtProof(jwt=jwt.encode(claims, SECRET, algorithm="HS256"))


def code(proof: JwtProof | HmacProof) -> str:
    with pytest.raises(ProofRefused) as caught:
        check(proof, SECRET, NOW)
    return caught.value.code


def test_who_a_jwt_names() -> None:
    proof = signed(name="Ada\n Lovelace ", email="ada@shop.example", aud="me", iss="you", iat=0)
    assert check(proof, SECRET, NOW) == Identity("u1", "jti:j1", "Ada Lovelace", "ada@shop.example")


def test_who_an_hmac_names() -> None:
    """The vector of the documentation: any language gives the same."""
    mac = hmac.new(SECRET.encode(), b"user-1.1800000300.0123456789abcdef", hashlib.sha256)
    proof = HmacProof(
        user_id="user-1", exp=1_800_000_300, nonce="0123456789abcdef", hmac=mac.hexdigest().upper()
    )
    assert check(proof, SECRET, NOW) == Identity("user-1", "nonce:0123456789abcdef")


@pytest.mark.parametrize(
    ("ahead_s", "refused"),
    [
        (-11, "identity_expired"),
        (-10, "identity_expired"),
        (-9, None),
        (0, None),
        (600, None),
        (610, None),
        (611, "identity_refused"),
    ],
)
def test_how_far_ahead_a_proof_may_end(ahead_s: int, refused: str | None) -> None:
    proof = signed(exp=NOW + ahead_s)
    if refused is None:
        assert check(proof, SECRET, NOW).user_id == "u1"
    else:
        assert code(proof) == refused


@pytest.mark.parametrize(
    ("claims", "name", "email"),
    [
        ({"name": 7, "email": ["x"]}, None, None),
        ({"name": " ", "email": "no address"}, None, None),
        ({"name": "ü" * 200, "email": "a@" + "b" * 300}, "ü" * 128, None),
        ({"name": "x\x1fy", "email": "a@b\x1f.c"}, "x y", None),
    ],
)
def test_names_are_bounded_and_what_is_no_address_is_left_out(
    claims: dict[str, Any], name: str | None, email: str | None
) -> None:
    identity = check(signed(**claims), SECRET, NOW)
    assert (identity.name, identity.email) == (name, email)


@pytest.mark.parametrize("user_id", ["", "u" * 257, "ü" * 129, "a\nb", "a\x1fb", "\u202ea"])
def test_user_ids_that_are_none(user_id: str) -> None:
    assert code(signed(sub=user_id)) == "identity_refused"
