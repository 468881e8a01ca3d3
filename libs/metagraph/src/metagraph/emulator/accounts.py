"""The accounts of businesses: which one a token speaks for, and what Graph shows of them.

Filled from the settings and by the control API; asked by the Graph side. Without any registered,
things still work: the account is taken from the path, or is the one the person wrote to.
"""

import time
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from metagraph.emulator import ids
from metagraph.emulator.names import INSTAGRAM, PAGE, WHATSAPP, Platform

MAX_ACCOUNTS = 10_000
MAX_TOKENS = 2 * MAX_ACCOUNTS
"""An account's old tokens stay good beside its new one; the oldest of all go first."""
NOBODY = "0"
ME = "me"
SIXTY_DAYS_S = 60 * 86400
SCOPES: dict[Platform, tuple[str, ...]] = {
    WHATSAPP: ("whatsapp_business_management", "whatsapp_business_messaging"),
    PAGE: ("pages_messaging", "pages_manage_metadata"),
    INSTAGRAM: ("instagram_business_basic", "instagram_business_manage_messages"),
}
NUMBER: dict[str, Any] = {
    "display_phone_number": "15550000000",
    "verified_name": "Emulated",
    "quality_rating": "GREEN",
    "code_verification_status": "VERIFIED",
    "throughput": {"level": "STANDARD"},
    "name_status": "APPROVED",
}
"""What is shown of a phone number."""


class Account(BaseModel):
    """`POST accounts`: a phone number, page or Instagram account. `fields` are shown beside.

    `parent`: the business account above a phone number, for which its token was granted.
    `expires_at`, in seconds since the epoch, is when its token ends; 0: never.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    object: Platform
    id: str = Field(min_length=1, max_length=128)
    name: str = "Emulated"
    parent: str | None = Field(default=None, min_length=1, max_length=128)
    token: str | None = Field(default=None, min_length=1, max_length=1024, repr=False)
    expires_at: int = Field(default=0, ge=0)
    fields: dict[str, Any] = Field(default_factory=dict)

    def shown(self) -> dict[str, Any]:
        """All fields Graph may be asked for."""
        found: dict[str, Any] = {"id": self.id, "name": self.name}
        if self.object == WHATSAPP:
            found |= NUMBER | {"verified_name": self.name}
        if self.object == INSTAGRAM:
            username = self.name.lower().replace(" ", ".")
            found |= {"user_id": self.id, "username": username, "account_type": "BUSINESS"}
        return found | self.fields


class Accounts:
    """Registered accounts, their tokens, and which webhooks they subscribed to.

    Those `given` are there from the start, and after `clear`.
    """

    def __init__(self, given: Iterable[Account] = ()) -> None:
        self._given = tuple(given)
        self._accounts: dict[str, Account] = {}
        self._by_token: dict[str, str] = {}
        self.subscribed: dict[str, list[str]] = {}
        self.clear()

    def put(self, account: Account) -> None:
        """Register an account, or register it anew. Raises ValueError when there are too many."""
        if len(self._accounts) >= MAX_ACCOUNTS and account.id not in self._accounts:
            raise ValueError(f"there are {MAX_ACCOUNTS} accounts already")
        self._accounts[account.id] = account
        if account.token is not None:
            self._by_token[account.token] = account.id
        while len(self._by_token) > MAX_TOKENS:
            del self._by_token[next(iter(self._by_token))]

    def get(self, number: str) -> Account | None:
        """The account with this id."""
        return self._accounts.get(number)

    def of_token(self, token: str) -> Account | None:
        """The account a token speaks for."""
        return self._accounts.get(self._by_token.get(token, ""))

    def me(self, token: str, *objects: Platform) -> Account | None:
        """Who `me` is: the token's account, else the only one of these objects."""
        mine = self.of_token(token)
        if mine is not None:
            return mine
        known = [one for one in self._accounts.values() if one.object in objects]
        return known[0] if len(known) == 1 else None

    def subscribe(self, number: str, fields: str) -> None:
        """An account wants webhooks of these fields, separated by commas."""
        if len(self.subscribed) < MAX_ACCOUNTS:
            self.subscribed[number] = [one for one in fields.split(",") if one]

    def renew(self, token: str) -> str:
        """A new token for the account of an old one; the old one stays good."""
        new = ids.token()
        account = self.of_token(token)
        if account is not None:
            until = int(time.time()) + SIXTY_DAYS_S
            self.put(account.model_copy(update={"token": new, "expires_at": until}))
        return new

    def about_token(self, token: str) -> dict[str, Any]:
        """`data` of debug_token."""
        account = self.of_token(token)
        expires_at = account.expires_at if account is not None else 0
        scopes = SCOPES[account.object if account is not None else WHATSAPP]
        targets = {"target_ids": [account.parent or account.id]} if account is not None else {}
        return {
            "app_id": "1517776481860111",
            "type": "PAGE" if account is not None and account.object == PAGE else "USER",
            "is_valid": not 0 < expires_at <= time.time(),
            "expires_at": expires_at,
            "data_access_expires_at": 0,
            "scopes": list(scopes),
            "granular_scopes": [{"scope": scope, **targets} for scope in scopes],
        }

    def clear(self) -> None:
        """Forget all accounts but those given."""
        self._accounts.clear()
        self._by_token.clear()
        self.subscribed.clear()
        for account in self._given:
            self.put(account)
