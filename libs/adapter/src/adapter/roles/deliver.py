"""The role `deliver`: carries out sends and actions, announces and validates channel types."""

import asyncio
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from adapter import announce
from adapter.announce import Announcer
from adapter.deliver import uploads
from adapter.deliver.actions import Actions
from adapter.deliver.buckets import Buckets, LocalBuckets
from adapter.deliver.call import Caller
from adapter.deliver.pace import Pace
from adapter.deliver.redis_buckets import RedisBuckets, open_buckets
from adapter.deliver.sender import Sender
from adapter.deliver.uploads import Uploads
from adapter.roles.ground import Accounts, Ground, now
from adapter.settings import AdapterSettings
from adapter.validation import Connect, Validation
from bus.claims import Claims
from bus.ports import Bus
from chassis.lifecycle import Lifecycle
from contracts import subjects
from contracts.capabilities import Capabilities
from contracts.commands import ActionCommand, SendCommand
from metagraph.graph import TIMEOUT_S

ACTIONS_AT_ONCE = 32


@dataclass(frozen=True)
class Line:
    """What a channel type brings along."""

    can: Capabilities
    caller: Caller
    connect: Connect


async def deliver(
    life: Lifecycle,
    settings: AdapterSettings,
    base: Ground,
    accounts: Accounts,
    lines: Sequence[Line],
) -> None:
    """Do it for these channel types. Raises StartFailed."""
    buckets = await _buckets(life, settings)
    for line in lines:
        await _carry(life, settings, base, accounts, line, buckets)
        validation = Validation(line.can.channel, accounts.ring, line.connect)
        await validation.serve(base.bus)
    announcer = Announcer(base.bus.bucket(announce.BUCKET), [line.can for line in lines])
    life.supervise("announcer", announcer.run)


async def _carry(
    life: Lifecycle,
    settings: AdapterSettings,
    base: Ground,
    accounts: Accounts,
    line: Line,
    buckets: Buckets,
) -> None:
    """Sends and actions of one channel type, at one pace."""
    channel = line.can.channel
    pace = Pace(line.can, buckets, asyncio.get_running_loop().time)
    sender = Sender(
        line.caller,
        _claims(base.bus, channel),
        accounts.channels,
        pace,
        Uploads(base.bus.bucket(uploads.BUCKET), accounts.files, line.can),
        base.tell,
        now,
    )
    actions = Actions(line.caller, accounts.channels, pace, base.tell, now)
    sends_at_once = settings.sends_at_once
    await base.consume(life, channel, "send", SendCommand, sender.handle, sends_at_once)
    await base.consume(life, channel, "action", ActionCommand, actions.handle, ACTIONS_AT_ONCE)


async def _buckets(life: Lifecycle, settings: AdapterSettings) -> Buckets:
    clock, url = asyncio.get_running_loop().time, settings.redis_url
    if url is None:
        return LocalBuckets(clock)

    async def opened() -> RedisBuckets:
        return open_buckets(url.get_secret_value(), clock)

    return await life.start("redis", opened, lambda buckets: buckets.close())


def _claims(bus: Bus, channel: str) -> Claims:
    consumer = next(row for row in subjects.CONSUMERS if row.name == f"{channel}-send")
    return Claims(
        bus.bucket("claims"),
        owner=f"{socket.gethostname()}.{os.getpid()}",
        call_timeout_s=TIMEOUT_S,
        ack_wait_s=consumer.ack_wait_s,
    )
