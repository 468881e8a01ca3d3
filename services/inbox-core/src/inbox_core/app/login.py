"""Log in, log out, and recognize who comes back. Called by entrypoints/http.

Tokens are 256 random bits; the database keeps only their SHA-256, which is enough because nobody
guesses such a token. Passwords are another matter: argon2id, in adapters/passwords.py.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from inbox_core.app.access import (
    BadCredentials,
    Membership,
    Principal,
    TooManyRequests,
    Unauthenticated,
)
from inbox_core.app.limits import LOGIN_BY_ADDRESS, LOGIN_BY_EMAIL, Limiter

SESSION_S = 7 * 24 * 3600
"""A session ends after a week, whatever happens in it."""
TOKEN_PREFIX = "slt_"  # noqa: S105 - the mark by which scanners find a leaked token
MAX_TOKEN = 128


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may log in."""

    id: UUID
    name: str
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Session:
    user_id: UUID
    user_name: str
    email: str
    expires_at: datetime
    memberships: Sequence[Membership]


@dataclass(frozen=True, slots=True)
class ApiToken:
    id: UUID
    name: str
    user_id: UUID
    membership: Membership


class Accounts(Protocol):
    """Credentials, by email and by hash: adapters/postgres/accounts.py."""

    async def account(self, email: str) -> Account | None:
        """In use, by its address in lower case."""
        ...

    async def open_session(self, token_hash: bytes, user_id: UUID, lifetime_s: int) -> None: ...

    async def session(self, token_hash: bytes) -> Session | None: ...

    async def close_session(self, token_hash: bytes) -> None: ...

    async def token(self, token_hash: bytes) -> ApiToken | None: ...


class Passwords(Protocol):
    async def matches(self, password: str, password_hash: str | None) -> bool:
        """Whether it is the password; None for a hash takes as long and is False. Raises Busy."""
        ...


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """`token` goes into the cookie and nowhere else."""

    token: str = field(repr=False)
    principal: Principal


async def log_in(
    accounts: Accounts,
    passwords: Passwords,
    limiter: Limiter,
    email: str,
    password: str,
    address: str,
) -> LoggedIn:
    """A new session. `address` is the network address of whoever asks.

    Raises TooManyRequests, BadCredentials (the same for an unknown address and a wrong password),
    Busy.
    """
    email = email.strip().lower()
    for limit, key in ((LOGIN_BY_ADDRESS, address), (LOGIN_BY_EMAIL, email)):
        wait_s = await limiter.take(limit, key)
        if wait_s > 0:
            raise TooManyRequests(wait_s)
    account = await accounts.account(email)
    if not await passwords.matches(password, account.password_hash if account else None):
        raise BadCredentials("Email and password do not match.")
    if account is None:
        raise BadCredentials("Email and password do not match.")
    token = secrets.token_urlsafe(32)
    await accounts.open_session(token_hash(token), account.id, SESSION_S)
    return LoggedIn(token, await by_session(accounts, token))


async def by_session(accounts: Accounts, token: str) -> Principal:
    """Who holds this session cookie. Raises Unauthenticated."""
    if not 0 < len(token) <= MAX_TOKEN:
        raise Unauthenticated("The session cookie is not one of ours.")
    hashed = token_hash(token)
    session = await accounts.session(hashed)
    if session is None:
        raise Unauthenticated("The session has ended; log in again.")
    return Principal(
        user_id=session.user_id,
        name=session.user_name,
        email=session.email,
        credential=f"session:{hashed.hex()}",
        session_hash=hashed,
        session_ends=session.expires_at,
        memberships={member.workspace_id: member for member in session.memberships},
    )


async def by_token(accounts: Accounts, token: str) -> Principal:
    """Who holds this API token. Raises Unauthenticated."""
    if not token.startswith(TOKEN_PREFIX) or len(token) > MAX_TOKEN:
        raise Unauthenticated("The API token is not one of ours.")
    found = await accounts.token(token_hash(token))
    if found is None:
        raise Unauthenticated("The API token is unknown or revoked.")
    return Principal(
        user_id=found.user_id,
        name=found.name,
        credential=f"token:{found.id}",
        token_id=found.id,
        memberships={found.membership.workspace_id: found.membership},
    )


def token_hash(token: str) -> bytes:
    """What the database knows of a token."""
    return hashlib.sha256(token.encode()).digest()


def new_api_token() -> str:
    """A fresh API token; shown once, stored as its hash."""
    return TOKEN_PREFIX + secrets.token_urlsafe(32)
