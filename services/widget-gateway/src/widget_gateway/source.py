"""Where a visitor was when they began to write: what a page and a request say, cleaned. Pure.

Nothing of it is believed: a forged client can say anything, so all is text of bounded length with
nothing in it that could do harm where it is shown.
"""

import re
from collections.abc import Mapping

from contracts.parts import Source
from widget_gateway.addresses import SealedAddress
from widget_gateway.frames.said import Page
from widget_gateway.peers import Peer
from widget_gateway.plain import plain
from widget_gateway.urls import clean, utm

MAX_TITLE = 256
MAX_USER_AGENT = 512
MAX_UTM_VALUE = 256
MAX_UTM = 8
UTM_FIRST = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
"""Those everybody knows; others only while there is room."""

LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")
TIME_ZONE = re.compile(r"[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+){0,3}")
SCREEN = re.compile(r"\d{1,5}x\d{1,5}(@\d{1,2}(\.\d{1,4})?x?)?")


def source_of(page: Page | None, peer: Peer, address: SealedAddress | None) -> Source:
    """Everything that is known; what is not, or makes no sense, is left out."""
    page = page or Page()
    return Source(
        page_url=clean(page.url),
        page_title=_text(page.title, MAX_TITLE),
        referrer=clean(page.referrer),
        utm=_utm(page.landing) or _utm(page.url),
        language=_shaped(page.language, LANGUAGE) or _first_language(peer.languages),
        time_zone=_shaped(page.time_zone, TIME_ZONE),
        screen=_shaped(page.screen, SCREEN),
        user_agent=_text(peer.user_agent, MAX_USER_AGENT),
        ip=address.shown if address else None,
        ip_id=address.id if address else None,
        ip_sealed=address.sealed if address else None,
    )


def _utm(url: str | None) -> Mapping[str, str]:
    found = utm(url)
    names = [name for name in UTM_FIRST if name in found]
    names += [name for name in found if name not in UTM_FIRST]
    words = {name: _text(found[name], MAX_UTM_VALUE) for name in names[:MAX_UTM]}
    return {name: word for name, word in words.items() if word}


def _text(value: str | None, limit: int) -> str | None:
    """On one line, without control characters, at most so many characters."""
    if value is None:
        return None
    # A header may have bytes that are no text, which aiohttp keeps as lone surrogates.
    whole = value[: 4 * limit].encode(errors="replace").decode()
    return plain(whole)[:limit] or None


def _shaped(value: str | None, shape: re.Pattern[str]) -> str | None:
    return value if value is not None and shape.fullmatch(value) else None


def _first_language(header: str | None) -> str | None:
    """Of Accept-Language: browsers put the one they like best first."""
    return _shaped((header or "").partition(",")[0].partition(";")[0].strip(), LANGUAGE)
