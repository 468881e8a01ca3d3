"""The Graph client: how an adapter calls Meta. Built in main(), one for each origin.

calls.py says how a call ends; messages.py, media.py and accounts.py say which calls there are.
The flavours differ in the origin: WhatsApp, Messenger and Instagram through a page are at
origins.META, Instagram with a login of its own at origins.META_INSTAGRAM.
"""

import aiohttp

from metagraph.accounts import Accounts, Renewed, TokenInfo
from metagraph.calls import TIMEOUT_S, VERSION
from metagraph.media import Attachment, Media, MediaLink, Upload
from metagraph.messages import ME, Messages, Recipient, Sent, SentToPage

__all__ = [
    "ME",
    "TIMEOUT_S",
    "VERSION",
    "Attachment",
    "GraphClient",
    "MediaLink",
    "Recipient",
    "Renewed",
    "Sent",
    "SentToPage",
    "TokenInfo",
    "Upload",
    "open_session",
]

CONNECT_S = 5.0
CONNECTIONS = 128


class GraphClient(Messages, Media, Accounts):
    """All calls to Graph at one allowed origin. Raises ValueError for any other."""


def open_session(connections: int = CONNECTIONS) -> aiohttp.ClientSession:
    """The pool of connections a GraphClient works on; its owner closes it.

    The environment's proxies are not trusted and no cookie is kept. Waiting for a free
    connection counts as connecting: it fails before anything was sent.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=connections, ttl_dns_cache=60),
        timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_S),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "sluice"},
        trust_env=False,
    )
