"""Accounts and people: what an account is, what its token may do, whose name is whose.

Part of GraphClient: used when a channel is connected, watched and renewed, and for profiles.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from metagraph.calls import Calls
from metagraph.errors import NotSent
from metagraph.messages import done
from metagraph.reading import object_of, objects, text, texts, whole

NUMBER_FIELDS = (
    "display_phone_number",
    "verified_name",
    "quality_rating",
    "code_verification_status",
    "throughput",
    "name_status",
)
PAGE_FIELDS = ("id", "name")
INSTAGRAM_FIELDS = ("id", "user_id", "username")
MESSENGER_PERSON = ("first_name", "last_name", "profile_pic")
INSTAGRAM_PERSON = ("name", "username", "profile_pic")


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """What a token is good for.

    `expires_at` and `data_access_expires_at` are seconds since the epoch; None: it does not
    expire. `targets` are the ids each scope is granted for; a scope that is not there is granted
    for all.
    """

    valid: bool
    app_id: str | None
    expires_at: int | None
    data_access_expires_at: int | None
    scopes: tuple[str, ...]
    targets: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, repr=False)
class Renewed:
    """A new token, good for `expires_in` seconds."""

    token: str
    expires_in: int


class Accounts(Calls):
    """What is known of accounts and people."""

    async def account(self, node: str, fields: Sequence[str], token: str) -> dict[str, Any]:
        """The fields of an account Meta knows: NUMBER_FIELDS, PAGE_FIELDS or INSTAGRAM_FIELDS."""
        query = {"fields": ",".join(fields)}
        return await self.get("account", (node,), token, read=object_of, query=query)

    async def profile(self, person: str, fields: Sequence[str], token: str) -> dict[str, Any]:
        """The fields Meta shows of a person by PSID or IGSID; each may be missing.

        NotSent of kind undeliverable or declined: Meta shows none, and soon asking again is vain.
        """
        query = {"fields": ",".join(fields)}
        return await self.get("profile", (person,), token, read=object_of, query=query)

    async def subscribe_app(
        self, node: str, token: str, fields: Sequence[str] | None = None
    ) -> None:
        """Ask for webhooks: of a WhatsApp business account, or these fields of a page or of ME."""
        body = {"subscribed_fields": ",".join(fields)} if fields else {}
        path = (node, "subscribed_apps")
        await self.post("subscribe", path, token, body, read=done, harmless=True)

    async def token_info(self, token: str, app_token: str | None = None) -> TokenInfo:
        """What a token is good for, asked with the app's token or, without one, with itself.

        Meta takes the token asked about in the query: this URL is never logged.
        """
        query = {"input_token": token}
        bearer = app_token or token
        return await self.get("token", ("debug_token",), bearer, read=_token_info, query=query)

    async def refresh_instagram_token(self, token: str) -> Renewed:
        """A token of an Instagram login for another 60 days; the client's origin is Instagram's.

        Meta documents the token in the query. The header is tried first; only when it is not
        taken for one does the query follow.
        """
        query = {"grant_type": "ig_refresh_token"}
        try:
            return await self._refresh(token, query)
        except NotSent as error:
            if error.kind != "auth" or error.reason == "malformed_token":
                raise
        return await self._refresh(token, query | {"access_token": token})

    async def _refresh(self, token: str, query: dict[str, str]) -> Renewed:
        path = ("refresh_access_token",)
        return await self.get("refresh", path, token, read=_renewed, query=query, versioned=False)


def _token_info(answer: Any) -> TokenInfo | None:
    """`{"data": {"is_valid", "expires_at": 0 for never, "scopes", "granular_scopes", …}}`."""
    data = object_of((object_of(answer) or {}).get("data"))
    if data is None:
        return None
    targets = {
        scope: texts(one, "target_ids")
        for one in objects(data, "granular_scopes")
        if (scope := text(one, "scope")) and texts(one, "target_ids")
    }
    return TokenInfo(
        valid=data.get("is_valid") is True,
        app_id=text(data, "app_id"),
        expires_at=whole(data, "expires_at") or None,
        data_access_expires_at=whole(data, "data_access_expires_at") or None,
        scopes=texts(data, "scopes"),
        targets=MappingProxyType(targets),
    )


def _renewed(answer: Any) -> Renewed | None:
    """`{"access_token", "token_type": "bearer", "expires_in"}`."""
    token, expires_in = text(answer, "access_token"), whole(answer, "expires_in")
    return None if token is None or expires_in is None else Renewed(token, expires_in)
