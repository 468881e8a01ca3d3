"""Proofs of identity: a site's signed word for who its visitor is. Pure.

    {"jwt": "…"}                              HS256: sub, exp, jti, and name and email if it likes
    {"user_id", "exp", "nonce", "hmac"}       hex of HMAC-SHA-256 over `user_id.exp.nonce`

A nonce has no dots, so that no two triples make the same text. The key is the channel's
secret. Both end ten minutes ahead at the most; that a nonce is used once is nonces.py.
"""

import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Annotated, Any

import jwt
from pydantic import BaseModel, ConfigDict, Field

from widget_gateway.plain import plain

ALGORITHMS = ("HS256",)
REQUIRED = ("sub", "exp", "jti")
TOLD = ("sub", "jti", "name", "email")
"""What is read as text."""
LONGEST_S = 600.0
"""How far ahead a proof may end."""
LEEWAY_S = 10.0
"""By how much a site's clock may differ from ours."""

MAX_JWT = 4096
MAX_EXP = 2**53
"""Beyond, numbers of JSON are no longer what was written."""
MAX_USER_BYTES = 256
MAX_NAME_BYTES = 256
MAX_EMAIL = 254
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class ProofRefused(Exception):
    """`code` as in problems.KINDS. `why`: a sentence for whoever sets the site up."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(code)
        self.code = code
        self.why = why


class _Sent(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class JwtProof(_Sent):
    jwt: str = Field(max_length=MAX_JWT)


class HmacProof(_Sent):
    user_id: str = Field(min_length=1, max_length=MAX_USER_BYTES)
    exp: Annotated[int, Field(strict=True, ge=0, lt=MAX_EXP)]
    nonce: str = Field(pattern=r"^[A-Za-z0-9_-]{8,128}$")
    hmac: str = Field(pattern=r"^[0-9a-fA-F]{64}$")


Proof = JwtProof | HmacProof


@dataclass(frozen=True, slots=True)
class Identity:
    """A user of the site. `nonce` is what may be used once: the proof's own word for itself."""

    user_id: str
    nonce: str
    name: str | None = None
    email: str | None = None


def check(proof: Proof, secret: str, now: float) -> Identity:
    """Who the site says it is. `now`: seconds since the epoch. Raises ProofRefused."""
    identity, exp = _hmac(proof, secret) if isinstance(proof, HmacProof) else _jwt(proof, secret)
    if exp <= now - LEEWAY_S:
        raise ProofRefused("identity_expired", "Its exp has passed.")
    if exp > now + LONGEST_S + LEEWAY_S:
        raise ProofRefused("identity_refused", "Its exp is more than ten minutes ahead.")
    size = len(identity.user_id.encode())
    if not 0 < size <= MAX_USER_BYTES or not identity.user_id.isprintable():
        raise ProofRefused(
            "identity_refused", f"A user id has 1 to {MAX_USER_BYTES} bytes of printable text."
        )
    return identity


def _hmac(proof: HmacProof, secret: str) -> tuple[Identity, float]:
    text = f"{proof.user_id}.{proof.exp}.{proof.nonce}"
    right = hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(right, proof.hmac.lower()):
        raise ProofRefused("identity_refused", "The HMAC is not that of user_id.exp.nonce.")
    return Identity(proof.user_id, f"nonce:{proof.nonce}"), proof.exp


def _jwt(proof: JwtProof, secret: str) -> tuple[Identity, float]:
    claims = _claims(proof.jwt, secret)
    exp = claims["exp"]
    if isinstance(exp, bool) or not isinstance(exp, int | float) or not abs(exp) < MAX_EXP:
        raise ProofRefused("identity_refused", "Its exp is not a number of seconds.")
    if not claims["jti"]:
        raise ProofRefused("identity_refused", "Its jti is empty.")
    identity = Identity(
        user_id=claims["sub"],
        nonce=f"jti:{claims['jti']}",
        name=_name(claims.get("name")),
        email=_email(claims.get("email")),
    )
    return identity, exp


def _claims(token: str, secret: str) -> dict[str, Any]:
    """Of a JWT that is signed. Its times are looked at by `check`, by our own clock."""
    options: Any = {
        "require": list(REQUIRED),
        "verify_exp": False,
        "verify_nbf": False,
        "verify_iat": False,
        "verify_aud": False,
    }
    try:
        claims = jwt.decode(token, secret, algorithms=list(ALGORITHMS), options=options)
        # JSON may hold half a surrogate pair, which is no text: `encode` says so.
        "".join(str(claims.get(name)) for name in TOLD).encode()
    except jwt.MissingRequiredClaimError as missing:
        raise ProofRefused("identity_refused", f"The JWT has no {missing.claim}.") from None
    except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
        # The last three: parts that are not JSON as a JWT has it, such as a hundred brackets.
        raise ProofRefused(
            "identity_refused", "It is not a JWT signed by HS256 with the channel's secret."
        ) from None
    return claims


def _name(value: object) -> str | None:
    """As the site writes it, on one line and not too long; None: there is none."""
    if not isinstance(value, str):
        return None
    return plain(value).encode()[:MAX_NAME_BYTES].decode(errors="ignore") or None


def _email(value: object) -> str | None:
    if not isinstance(value, str) or len(value.encode()) > MAX_EMAIL or not value.isprintable():
        return None
    return value if EMAIL.fullmatch(value) else None
