"""Release: an echo that has waited long enough becomes a message. Called by the worker's sweep."""

from datetime import datetime

from pydantic import TypeAdapter

from contracts.events import MessageEvent
from inbox_core.app.placing import Placed, place
from inbox_core.app.ports import Store
from inbox_core.app.receive import carry_out

LIMIT = 100
_EVENT: TypeAdapter[MessageEvent] = TypeAdapter(MessageEvent)


async def release_echoes(store: Store, now: datetime) -> int:
    """Store the echoes whose sends have all settled, or whose time is over; how many.

    They were looked at without locks: whatever happened to one meanwhile, arriving again is safe.
    """
    async with store.begin() as uow:
        ripe = await uow.ripe_echoes(now, LIMIT)
        if not ripe:
            return 0
        channels = await uow.channels({echo.channel for echo in ripe})
        placed: list[Placed] = []
        for echo in ripe:
            event = _EVENT.validate_python(echo.event)
            found = place(event, channels[echo.channel[1]])
            placed.append(_ripe(found))
        await carry_out(uow, placed, now)
    return len(ripe)


def _ripe(placed: Placed) -> Placed:
    return Placed(placed.event, placed.channel, placed.thread, placed.reference, ripe=True)
