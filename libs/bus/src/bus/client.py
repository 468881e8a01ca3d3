"""nats-py's client with four of its habits mended; made by `bus.connection`, used by nothing else.

Each override is a few lines around a method of nats-py 2.16 and has a test in
tests/contract/bus/test_traps.py that fails without it, so an update that moves the method is seen.
"""

import asyncio

from nats.aio.client import Client
from nats.errors import Error
from typing_extensions import override


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
    async def _process_op_err(self, e: Exception) -> None:
        """A lost connection is cut, not closed: nats-py waits until a dead peer has read it all."""
        if not (self.is_closed or self.is_reconnecting):
            self.cut()
        await super()._process_op_err(e)

    async def shut(self, deadline_s: float) -> None:
        """Close for good, within the deadline.

        What could not be sent while disconnected is forgotten first: nats-py would write it to the
        broken socket, and the error would leave its tasks running.
        """
        if not self.is_connected:
            self._pending = []
            self._pending_data_size = 0
        try:
            async with asyncio.timeout(deadline_s):
                await self.close()
        finally:
            self.cut()

    def cut(self) -> None:
        """Drop the socket with what is still unsent in it."""
        writer = getattr(self._transport, "_io_writer", None)
        if writer is not None:
            writer.transport.abort()
