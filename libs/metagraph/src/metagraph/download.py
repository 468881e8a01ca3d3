"""Fetching the bytes of a platform's file, from nowhere else than where files lie.

Called by whoever takes media in. A URL of a webhook is a stranger's word: its origin must be on
the allow-list, its addresses public (addresses.py), its size within the bound. The bearer goes to
the origins that ask for it and never to a CDN. One redirect is followed, checked like the URL.

What it can come to instead is in fates.py, how the answer is read in filebody.py. What `sink`
raises passes through as it is.
"""

import asyncio
from collections.abc import Collection
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import hdrs
from aiohttp.abc import AbstractResolver
from prometheus_client import Counter
from yarl import URL

from metagraph import origins
from metagraph.addresses import BlockedAddress, PublicResolver
from metagraph.fates import DownloadError
from metagraph.filebody import REDIRECTS, Downloaded, Sink, accept, drain

TIMEOUT_S = 120.0
CONNECT_S = 5.0
READ_S = 30.0
CONNECTIONS = 16

DOWNLOADS = Counter(
    "sluice_downloads_total", "Files fetched from Meta by what came of it.", ("outcome",)
)

_HEADERS = {
    hdrs.USER_AGENT: "Mozilla/5.0 (compatible; sluice)",  # Meta turns unusual agents away
    hdrs.ACCEPT_ENCODING: "identity",  # the sha256 is of the file, not of its compression
}


class Downloader:
    """Fetches files from allowed origins. Built inside a running loop, closed by its owner.

    `allowed` and `takes_token` are entries as in origins.py; `resolver` looks names up.
    Raises ValueError for an entry that is no origin.
    """

    def __init__(
        self,
        *,
        allowed: Collection[str] = origins.META_MEDIA,
        takes_token: Collection[str] = origins.TAKES_TOKEN,
        timeout_s: float = TIMEOUT_S,
        connections: int = CONNECTIONS,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._allowed = origins.Origins(allowed)
        self._takes_token = origins.Origins(takes_token)
        self._timeout_s = timeout_s
        checking = PublicResolver(
            resolver or aiohttp.ThreadedResolver(), trusted=self._names_localhost
        )
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=connections, resolver=checking, use_dns_cache=False
            ),
            timeout=aiohttp.ClientTimeout(total=None, connect=CONNECT_S, sock_read=READ_S),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=_HEADERS,
            auto_decompress=False,
            trust_env=False,
        )

    async def fetch(self, url: str, *, token: str | None, max_bytes: int, sink: Sink) -> Downloaded:
        """Hand the file's bytes to `sink`, piece by piece, within the time in all.

        Raises DownloadError; then what the sink got so far is no file.
        """
        clock = asyncio.timeout(self._timeout_s)
        try:
            async with clock:
                found = await self._fetch(url, token, max_bytes, sink)
        except TimeoutError:
            if not clock.expired():
                raise  # the sink's own
            raise _counted(DownloadError("timeout")) from None
        except DownloadError as error:
            raise _counted(error) from None
        DOWNLOADS.labels("ok").inc()
        return found

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def _fetch(self, url: str, token: str | None, max_bytes: int, sink: Sink) -> Downloaded:
        target = self._checked(url)
        response = await self._ask(target, token)
        if response.status in REDIRECTS:
            response.release()
            target = self._checked(_joined(target, response.headers.get(hdrs.LOCATION)))
            response = await self._ask(target, token)
        async with response:
            accept(response, max_bytes)
            return await drain(response, max_bytes, sink)

    async def _ask(self, url: URL, token: str | None) -> aiohttp.ClientResponse:
        """The answer's head. Causes are cut off: aiohttp's errors carry the URL and the bearer."""
        headers = {}
        if token and url in self._takes_token:
            headers[hdrs.AUTHORIZATION] = f"Bearer {token}"
        try:
            return await self._session.get(url, headers=headers, allow_redirects=False)
        except aiohttp.ClientConnectorDNSError as error:
            blocked = isinstance(error.os_error, BlockedAddress)
            raise DownloadError("blocked_address" if blocked else "unreachable") from None
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            raise DownloadError("unreachable") from None
        except (aiohttp.ClientError, aiohttp.ServerTimeoutError, OSError, ValueError):
            raise DownloadError("interrupted") from None

    def _checked(self, url: str) -> URL:
        """The URL, when its origin is on the list and it brings no name and password."""
        try:
            target = URL(url)
        except ValueError:
            raise DownloadError("wrong_origin") from None
        if target.user or target.password or target not in self._allowed:
            raise DownloadError("wrong_origin")
        return target

    def _names_localhost(self, host: str) -> bool:
        return host == "localhost" and self._allowed.names(host)


def _joined(url: URL, location: str | None) -> str:
    if not location:
        raise DownloadError("redirected")
    try:
        return str(url.join(URL(location)))
    except ValueError:
        raise DownloadError("redirected") from None


def _counted(error: DownloadError) -> DownloadError:
    DOWNLOADS.labels(error.reason).inc()
    return error
