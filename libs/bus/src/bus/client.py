"""nats-py's client with four of its habits mended; made by `bus.connection`, used by nothing else.

Each override is three lines around a method of nats-py 2.16 and has a test in
tests/contract/bus/test_traps.py that fails without it, so an update that moves the method is seen.
"""

import socket

from nats.aio.client import Client, Srv
from nats.errors import Error
from typing_extensions import override

DEAD_PEER_MS = 10_000
"""Unacknowledged bytes this old mean the peer is gone: without it a closing socket that still has
something to send waits a quarter of an hour, and the reconnect waits with it."""


class SteadyClient(Client):
    """Reconnects after every error, and outlives a flush that gave up."""

    @override
    async def _process_err(self, err_msg: str) -> None:
        """A server's `-ERR` costs the connection, not the client: nats-py closes it for ever."""
        if "permissions violation" in err_msg:
            await super()._process_err(err_msg)
            return
        error = Error(f"nats: {err_msg}")
        await self._error_cb(error)
        await self._process_op_err(error)

    @override
    async def _process_pong(self) -> None:
        """The PONG of a flush that timed out ends nats-py's read loop: its future is done."""
        if self._pongs and self._pongs[0].done():
            _ = self._pongs.pop(0)
            self._pings_outstanding = 0
            return
        await super()._process_pong()

    @override
    async def _connect_to_server(self, s: Srv) -> None:
        await super()._connect_to_server(s)
        writer = getattr(self._transport, "_io_writer", None)
        raw = writer.get_extra_info("socket") if writer is not None else None
        if raw is not None and hasattr(socket, "TCP_USER_TIMEOUT"):
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, DEAD_PEER_MS)

    async def shut(self) -> None:
        """Close for good; what could not be sent while disconnected is forgotten first.

        nats-py writes it to the broken socket, and its error leaves the tasks running.
        """
        if not self.is_connected:
            self._pending = []
            self._pending_data_size = 0
        await self.close()
