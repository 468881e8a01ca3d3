"""What a platform tells of an account's health becomes the channel's. Called by app.receive."""

from collections.abc import Sequence
from dataclasses import replace

from contracts.events import AccountHealth
from inbox_core.app.changes import announce_channel
from inbox_core.app.health import ChannelHealth
from inbox_core.app.plan import Plan
from inbox_core.app.ports import Key, UnitOfWork


async def tell_of_health(
    uow: UnitOfWork, plan: Plan, news: Sequence[tuple[Key, AccountHealth]]
) -> None:
    """Merge the news in their order; screens are told of a channel whose health changed."""
    for key in sorted({key for key, _ in news}, key=lambda key: key[1]):
        channel = await uow.lock_channel(key)
        if channel is None:
            continue
        health = (await uow.channel_health([key]))[key[1]]
        before = replace(health)
        for about, told in news:
            if about == key:
                health.hear(told)
        if health != before:
            await uow.write_health(key[0], health)
            await announce(uow, plan, key, health)


async def announce(uow: UnitOfWork, plan: Plan, key: Key, health: ChannelHealth) -> None:
    """A new version of the channel, with its health as it is now."""
    channel = await uow.lock_channel(key)
    if channel is None:
        return
    after = replace(channel, version=channel.version + 1)
    await uow.inform_channel(after, None)
    announce_channel(plan, after, health)
