"""The front: the lines of a process put together, for main()."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from uuid import UUID

from bus.batching import Batcher
from bus.ports import Bus
from chassis.lifecycle import Lifecycle
from vault.keyring import KeyRing
from vault.signing import Signer
from widget_gateway.addresses import AddressSealer
from widget_gateway.doors.calls import Route
from widget_gateway.frames.told import Unavailable
from widget_gateway.limits import Limiter
from widget_gateway.lines import closing
from widget_gateway.lines.exchange import Exchange
from widget_gateway.lines.files import Files
from widget_gateway.lines.history import Histories
from widget_gateway.lines.hub import Hub, Member
from widget_gateway.lines.line import Line
from widget_gateway.lines.poll import PollDoor
from widget_gateway.lines.presence import Presence
from widget_gateway.lines.socket import SocketDoor
from widget_gateway.lines.speech import Speech
from widget_gateway.lines.stamps import Stamps
from widget_gateway.lines.story import SORRY
from widget_gateway.lines.sweeper import Sweeper
from widget_gateway.lines.views import Views
from widget_gateway.lines.wire import CLOSE_S
from widget_gateway.places import Places
from widget_gateway.sessions.desk import SessionDesk
from widget_gateway.site.channels import Directory

DRAIN_S = CLOSE_S + 2
"""For everybody's goodbye."""


class Front:
    """What the doors of lines need, and what others ask of the lines."""

    def __init__(self, exchange: Exchange, desk: SessionDesk, places: Places) -> None:
        limiter = exchange.limiter
        self._exchange = exchange
        self._sockets = SocketDoor(exchange, desk, limiter, places)
        self._polls = PollDoor(exchange, limiter, places)
        self._ending: set[asyncio.Task[None]] = set()

    def routes(self) -> list[Route]:
        return [*self._sockets.routes(), *self._polls.routes()]

    def there(self, workspace_id: UUID) -> bool | None:
        """Whether somebody of a workspace sits at the inbox now. None: not known yet."""
        return self._exchange.presence.there(workspace_id)

    def channel_gone(self, channel_id: UUID) -> None:
        """It was switched off: its visitors are told so."""
        task = asyncio.create_task(self._exchange.hub.end_channel(channel_id, _shut))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def drain(self) -> None:
        """Send everybody away, and wait for their goodbyes."""
        await self._exchange.hub.drain()
        await self._sockets.drain()

    async def close(self) -> None:
        """After the last line has left."""
        await self._exchange.hub.close()


async def open_front(
    life: Lifecycle,
    bus: Bus,
    batcher: Batcher,
    ring: KeyRing,
    directory: Directory,
    desk: SessionDesk,
    files: Files,
    limiter: Limiter,
    *,
    places: Places,
    max_file: int,
    clock: Callable[[], datetime],
) -> Front:
    """`ring`: visitors. `places`: of sockets and polls together. Raises StartFailed."""
    hub = Hub(bus)
    presence = Presence(lambda workspace, present: hub.tell_present(workspace, present=present))
    stamps, sealer = Stamps(Signer(ring.active_first())), AddressSealer(ring)
    exchange = Exchange(
        bus=bus,
        batcher=batcher,
        hub=hub,
        histories=Histories(bus),
        views=Views(files),
        speech=Speech(batcher, stamps, files, sealer, limiter, clock),
        presence=presence,
        limiter=limiter,
        is_over=desk.is_over,
        find=directory.find,
        max_file=max_file,
        clock=clock,
    )
    front = Front(exchange, desk, places)
    directory.on_gone(front.channel_gone)
    await life.start("presence", partial(presence.start, bus))
    life.supervise("presence_watch", presence.run)
    life.supervise("presence_questions", partial(presence.ask, bus))
    life.supervise("sweeper", Sweeper(hub).run)

    async def stop(_: object) -> None:
        directory.close()
        await front.close()

    async def nothing() -> None:
        return None

    await life.start("lines", nothing, stop)
    return front


def _shut(line: Member) -> None:
    if isinstance(line, Line):
        line.tell(Unavailable(message=SORRY))
    line.end(closing.BYE)
