"""HTTP listeners: how every service opens a port, and closes it without dropping an answer."""

import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

DRAIN_S = 5.0
"""How long open requests may take to finish once the port is closed."""


class PortTaken(OSError):
    """Somebody else listens there. The sentence names the port and the setting that moves it."""


@asynccontextmanager
async def listener(
    app: web.Application,
    host: str,
    port: int,
    *,
    setting: str = "SLUICE_HTTP_PORT",
    drain_s: float = DRAIN_S,
) -> AsyncIterator[int]:
    """Serve `app` while the context is open; yields the port, which 0 leaves to the system.

    A client that hangs up does not cancel its handler: what is half published would be unknown.
    Access lines are off, addresses are personal data. Raises PortTaken.
    """
    runner = web.AppRunner(
        app, handler_cancellation=False, access_log=None, shutdown_timeout=drain_s
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise PortTaken(
                errno.EADDRINUSE, f"port {port} on {host} is taken: set {setting} to a free one"
            ) from None
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()
