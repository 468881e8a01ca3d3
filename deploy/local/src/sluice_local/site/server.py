"""The site's server: two pages, their files, and who is logged in.

The first page is any shop's. The second is right to left and as strict as a page can be: no script
but the widget's, nothing inline, nothing from anywhere else.
"""

from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from sluice_local.site.proofs import CUSTOMERS, proof
from sluice_local.site.settings import SiteSettings

FOLDER = Path(__file__).parent / "pages"
PAGES = {"/": "shop.html", "/rtl": "souk.html"}
FILES = {
    "page.css": "text/css",
    "shop.css": "text/css",
    "shop.js": "text/javascript",
    "souk.css": "text/css",
    "lamp.svg": "image/svg+xml",
}
STRICT = "/rtl"
POLICY = (
    "default-src 'none'; script-src {gateway}; connect-src {gateway} {socket};"
    " img-src 'self' {gateway}; style-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
"""What the widget needs, and the page's own style sheets and picture."""
ALWAYS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-cache"}


class Site:
    """Reads its pages once."""

    def __init__(self, settings: SiteSettings) -> None:
        self._settings = settings
        self._pages = {path: self._filled(name) for path, name in PAGES.items()}
        self._files = {name: (FOLDER / name).read_bytes() for name in FILES}

    def app(self) -> web.Application:
        app = web.Application()
        for path in PAGES:
            app.router.add_get(path, self._page)
        app.router.add_get("/proof", self._proof)
        app.router.add_get("/{name}", self._file)
        return app

    async def _page(self, request: web.Request) -> web.Response:
        headers = dict(ALWAYS)
        if request.path == STRICT:
            headers["Content-Security-Policy"] = policy(self._settings.gateway)
        return web.Response(
            text=self._pages[request.path], content_type="text/html", headers=headers
        )

    async def _file(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in FILES:
            raise web.HTTPNotFound
        return web.Response(
            body=self._files[name], content_type=FILES[name], charset="utf-8", headers=ALWAYS
        )

    async def _proof(self, request: web.Request) -> web.Response:
        """For whoever is logged in; here a page may say who that is, which no real site does."""
        customer = request.query.get("user", "")
        if customer not in CUSTOMERS:
            raise web.HTTPNotFound
        told = proof(customer, self._settings.secret.get_secret_value())
        return web.json_response(told, headers={"Cache-Control": "no-store"})

    def _filled(self, name: str) -> str:
        """A page with the addresses of this stack in it."""
        text = (FOLDER / name).read_text(encoding="utf-8")
        settings = self._settings
        return text.replace("{gateway}", settings.gateway).replace("{channel}", settings.channel)


def policy(gateway: str) -> str:
    """The Content-Security-Policy of a strict page with a widget of this gateway."""
    address = urlsplit(gateway)
    socket = f"{'wss' if address.scheme == 'https' else 'ws'}://{address.netloc}"
    return POLICY.format(gateway=gateway, socket=socket)
