"""Somebody's web site: plain pages with the snippet in them, on loopback, on a port of its own.

    async with running_site() as site:
        page.goto(site.page(loader=f"{wire.origin}/widget/v1/loader.js", channel="shop"))

Used by the browser tests. Each page is made of what its address asks for (`Look`), and may keep as
strict a content security policy as docs/widget/README.md says a page can.
"""

import html
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, fields
from urllib.parse import urlencode, urljoin, urlsplit

from aiohttp import web

HOST = "127.0.0.1"
PAGE = """<!doctype html>
<html lang="{lang}" dir="{direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="{icon}">
<link rel="stylesheet" href="/site.css">
<script async src="{loader}" data-channel="{channel}"{more}></script>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{words}</p>
<p><a href="#lamps">{link}</a> <button type="button">{button}</button></p>
</main>
</body>
</html>
"""
WORDS = {
    "en": {
        "title": "A shop",
        "words": "Lamps and ladders, nothing else.",
        "link": "Lamps",
        "button": "Buy",
    },
    "ar": {
        "title": "متجر",
        "words": "مصابيح وسلالم، لا شيء غيرها.",
        "link": "مصابيح",
        "button": "شراء",
    },
}
STYLE = """body { margin: 2rem; font: 18px/1.5 sans-serif; background: #fff; color: #222 }
@media (prefers-color-scheme: dark) { body { background: #111; color: #eee } }
* { letter-spacing: .02em } button { text-transform: uppercase }
"""
"""With a rule or two that would leak into a widget that lets them."""
POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none';"
    " style-src 'self'; img-src {gateway};"
    " script-src {gateway}; connect-src {gateway} {sockets}"
)


@dataclass(frozen=True)
class Look:
    """What a page is like. `more`: further attributes of the snippet, as they are written."""

    loader: str
    channel: str
    direction: str = "ltr"
    lang: str = "en"
    strict: str = ""
    more: str = ""


@dataclass(frozen=True)
class Site:
    """`origin` goes into the list of origins a channel allows."""

    origin: str

    def page(self, look: Look) -> str:
        return f"{self.origin}/?{urlencode(asdict(look))}"


async def _page(request: web.Request) -> web.Response:
    known = {field.name for field in fields(Look)}
    look = Look(**{name: value for name, value in request.query.items() if name in known})
    text = PAGE.format(
        **WORDS[look.lang],
        lang=look.lang,
        direction=html.escape(look.direction),
        icon=html.escape(urljoin(look.loader, "/favicon.ico")),  # where pictures may come from
        loader=html.escape(look.loader),
        channel=html.escape(look.channel),
        more=f" {look.more}" if look.more else "",
    )
    headers = {"Content-Security-Policy": policy(look.loader)} if look.strict else {}
    return web.Response(text=text, content_type="text/html", headers=headers)


def policy(loader: str) -> str:
    """The strict policy of a page whose snippet loads this."""
    address = urlsplit(loader)
    gateway = f"{address.scheme}://{address.netloc}"
    return POLICY.format(gateway=gateway, sockets=f"ws://{address.netloc}")


async def _style(_: web.Request) -> web.Response:
    return web.Response(text=STYLE, content_type="text/css")


@asynccontextmanager
async def running_site() -> AsyncIterator[Site]:
    """Until the block is left."""
    app = web.Application()
    app.add_routes([web.get("/", _page), web.get("/site.css", _style)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        listener = web.TCPSite(runner, HOST, 0)
        await listener.start()
        port = runner.addresses[0][1]
        yield Site(f"http://{HOST}:{port}")
    finally:
        await runner.cleanup()
