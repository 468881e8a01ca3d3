"""Connect: what makes an Instagram account connected. Given to adapter.roles by main().

An account comes by one of two logins, and its token is good at that login's origin only. A person
may say which (config `login`); else the page's is tried first. A token of Instagram's own login
lives 60 days and is renewed here, in time: whoever asks again keeps the account connected.
"""

from datetime import UTC, datetime, timedelta

from typing_extensions import override

from adapter.fields import mapping
from adapter.tokens import ask_about, ends_at, own_app
from adapter.validation import Connect, Connected, Unfit
from contracts.events import AccountHealth
from contracts.parts import rfc3339
from contracts.rpc import ValidateAnswer, ValidateRequest
from ingest_meta.channels.instagram.deliver import BY_INSTAGRAM, BY_PAGE, LOGIN
from metagraph.accounts import INSTAGRAM_FIELDS
from metagraph.errors import NotSent
from metagraph.graph import ME, GraphClient

PAGE_FIELDS = ("id", "name", "instagram_business_account")
SUBSCRIBED_BY_PAGE = ("messages", "messaging_postbacks", "message_reactions", "messaging_referrals")
"""Of the page: they open the way for the account's own, which the app's dashboard lists."""
SUBSCRIBED = (
    "messages",
    "messaging_postbacks",
    "messaging_seen",
    "messaging_referral",
    "messaging_handover",
    "message_reactions",
    "message_edit",
    "standby",
)
EXPIRES_AT = "token_expires_at"
"""In the record's config: nobody but the answer to a renewal says when such a token ends."""
RENEW_BEFORE = timedelta(days=10)


class InstagramConnect(Connect):
    """`graph` is at Facebook's origin, `instagram` at Instagram's own."""

    def __init__(self, graph: GraphClient, instagram: GraphClient, app_token: str | None) -> None:
        self._graph = graph
        self._instagram = instagram
        self._app_token = app_token

    @override
    async def __call__(self, ask: ValidateRequest, token: str) -> Connected:
        login = ask.config.get(LOGIN)
        if login == BY_INSTAGRAM:
            return await self._by_instagram(ask, token)
        try:
            return await self._by_page(ask, token)
        except NotSent as error:
            if login == BY_PAGE or error.kind != "auth":
                raise
        return await self._by_instagram(ask, token)

    async def _by_page(self, ask: ValidateRequest, token: str) -> Connected:
        page = await self._graph.account(ME, PAGE_FIELDS, token)
        linked = mapping(page.get("instagram_business_account")).get("id")
        if str(linked) != ask.account:
            raise Unfit("The page of this token is linked to another Instagram account.", "account")
        await self._graph.subscribe_app(str(page.get("id")), token, SUBSCRIBED_BY_PAGE)
        info = await ask_about(self._graph, token, self._app_token)
        return Connected(
            ValidateAnswer(
                name=page.get("name"),
                config={LOGIN: BY_PAGE, **own_app(info)},
                token_expires_at=ends_at(info),
                health=AccountHealth(state="active"),
            )
        )

    async def _by_instagram(self, ask: ValidateRequest, token: str) -> Connected:
        me = await self._instagram.account(ME, INSTAGRAM_FIELDS, token)
        # Webhooks name the account by its `user_id`; `id` is what it is called for this app alone.
        if ask.account != str(me.get("user_id") or me.get("id")):
            raise Unfit("The token is of another Instagram account.", "account")
        await self._instagram.subscribe_app(ME, token, SUBSCRIBED)
        renewed, expires_at = await self._renewed(ask, token)
        kept = {EXPIRES_AT: rfc3339(expires_at)} if expires_at else {}
        answer = ValidateAnswer(
            name=me.get("username"),
            config={LOGIN: BY_INSTAGRAM, **kept},
            token_expires_at=expires_at,
            health=AccountHealth(state="active"),
        )
        return Connected(answer, renewed)

    async def _renewed(
        self, ask: ValidateRequest, token: str
    ) -> tuple[str | None, datetime | None]:
        """A new token when the old one ends soon or nobody knows when; and when that is.

        A token younger than a day is not renewed by Instagram: the next question does it.
        """
        now, expires_at = datetime.now(UTC), _known(ask.config.get(EXPIRES_AT))
        if expires_at is not None and expires_at - now > RENEW_BEFORE:
            return None, expires_at
        try:
            renewed = await self._instagram.refresh_instagram_token(token)
        except NotSent:
            return None, expires_at
        return renewed.token, now + timedelta(seconds=renewed.expires_in)


def _known(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else None
