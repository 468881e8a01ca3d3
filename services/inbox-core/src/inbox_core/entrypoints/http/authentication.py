"""Who sends a request: a session cookie or an API token, and whether our own page sent it.

A browser sends cookies along with whatever page asks it to. So a request that changes something
on a cookie's strength shows the session's CSRF token, which other pages cannot read, and what
the browser says of its origin must be ours. A bearer token needs neither: no page has it by
accident. Used by the pipeline for every route.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from chassis.addresses import Network
from inbox_core.app.access import CrossSite, Principal, Unauthenticated
from inbox_core.app.login import SESSION_S, Accounts, by_session, by_token
from vault.signing import Signer

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADER = "X-CSRF-Token"
CSRF_PURPOSE = "csrf"
BEARER = "Bearer "
SECURE_COOKIE = "__Host-sluice_session"
PLAIN_COOKIE = "sluice_session"


@dataclass(frozen=True, slots=True)
class Site:
    """Where our screens are served from, as browsers see it.

    `cookie_secure` off: the screens are served without TLS, on one machine.
    """

    origins: frozenset[str]
    cookie_secure: bool
    trusted_proxies: Sequence[Network] = ()

    @property
    def cookie(self) -> str:
        return SECURE_COOKIE if self.cookie_secure else PLAIN_COOKIE


class Authentication:
    """Recognizes callers. Also for routes outside the table: `authenticate(request)`."""

    def __init__(self, accounts: Accounts, signer: Signer, site: Site) -> None:
        self._accounts = accounts
        self._signer = signer
        self._site = site

    async def authenticate(self, request: web.Request) -> Principal:
        """Whoever sends the request. Raises Unauthenticated, CrossSite."""
        authorization = request.headers.get("Authorization")
        if authorization is not None:
            if not authorization.startswith(BEARER):
                raise Unauthenticated("Authorization is not a bearer token.")
            return await by_token(self._accounts, authorization.removeprefix(BEARER))
        cookie = request.cookies.get(self._site.cookie)
        if not cookie:
            raise Unauthenticated("There is neither a session cookie nor an API token.")
        if request.method not in SAFE:
            self.check_same_site(request)
        principal = await by_session(self._accounts, cookie)
        if request.method not in SAFE:
            self._check_csrf_token(request, principal)
        return principal

    def check_same_site(self, request: web.Request) -> None:
        """What the browser says of the page that asks, if it says anything. Raises CrossSite."""
        fetched_from = request.headers.get("Sec-Fetch-Site")
        origin = request.headers.get("Origin")
        if fetched_from not in (None, "same-origin"):
            raise CrossSite("Another site's page sent this.")
        if origin is not None and origin not in self._site.origins:
            raise CrossSite("Another origin's page sent this.")

    def _check_csrf_token(self, request: web.Request, principal: Principal) -> None:
        shown = request.headers.get(CSRF_HEADER, "")
        session = principal.session_hash or b""
        if not self._signer.proves(CSRF_PURPOSE, session, shown):
            raise CrossSite(f"{CSRF_HEADER} is missing, or of another session.")


def csrf_token(signer: Signer, principal: Principal) -> str | None:
    """For our own page to show in X-CSRF-Token; None for whoever comes without a session."""
    if principal.session_hash is None:
        return None
    return signer.tag(CSRF_PURPOSE, principal.session_hash)


def set_session(response: web.StreamResponse, site: Site, token: str) -> None:
    """Put the session's token into its cookie; an empty one takes the cookie back."""
    response.set_cookie(
        site.cookie,
        token,
        max_age=SESSION_S if token else 0,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=site.cookie_secure,
    )
