"""One task for the pings and the dead of all lines: a timer of each would cost memory."""

import asyncio

from widget_gateway.lines.hub import SLICE, Hub

EVERY_S = 5.0


class Sweeper:
    """`run` for the life of the process."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def run(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            await self.sweep()

    async def sweep(self) -> None:
        """Every line once, with a breath of the loop between some of them."""
        now = asyncio.get_running_loop().time()
        for number, line in enumerate(self._hub.lines, 1):
            line.beat(now)
            if number % SLICE == 0:
                await asyncio.sleep(0)
