"""The desk: what connecting, changing and validating a channel have in common.

Used by app.channels and app.validate; built in main().
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from contracts.rpc import ValidateAnswer, ValidateRequest
from inbox_core.app.changes import announce_channel
from inbox_core.app.health import ChannelHealth
from inbox_core.app.plan import AuditEntry, Plan
from inbox_core.app.ports import Channel, Key, Store, UnitOfWork
from inbox_core.domain.actors import Actor
from inbox_core.domain.errors import NotFound, VersionMismatch
from vault.keyring import KeyRing

Mirror = Callable[[], None]
"""Called after each commit, to wake what copies channels to where adapters watch. Never raises."""
Ask = Callable[[ValidateRequest], Awaitable[ValidateAnswer | None]]
"""Asks the adapter of a channel type; None when nobody answers. Never raises."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the use cases of channels work with. Built in main()."""

    store: Store
    mirror: Mirror
    ring: KeyRing
    ask: Ask


async def find(store: Store, key: Key) -> tuple[Channel, str]:
    """The channel and its sealed secret. Raises NotFound."""
    async with store.begin(key[0]) as uow:
        channel = (await uow.channels([key])).get(key[1])
        if channel is None:
            raise NotFound("There is no such channel.")
        return channel, await uow.sealed_secret(key)


async def still_asked_about(uow: UnitOfWork, key: Key, sealed: str) -> None:
    """Whether an answer is about the secret there is now. Raises VersionMismatch.

    What it renewed would take the place of a newer secret, which somebody has just entered.
    """
    if await uow.sealed_secret(key) != sealed:
        raise VersionMismatch("The channel's secret has changed meanwhile.")


def informed(channel: Channel, answer: ValidateAnswer) -> Channel:
    """With what its validation found out; what the person filled in stays beside it."""
    config = {**channel.config, **answer.config}
    return replace(channel, parent=answer.parent or channel.parent, config=config)


def question(channel: Channel, sealed: str) -> ValidateRequest:
    """What its adapter is asked."""
    return ValidateRequest(
        workspace_id=channel.workspace_id,
        channel_id=channel.id,
        type=channel.type,
        account=channel.account,
        secret=sealed,
        config=dict(channel.config),
    )


def news(
    channel: Channel,
    health: ChannelHealth,
    action: str,
    actor: Actor,
    now: datetime,
    details: dict[str, Any],
) -> Plan:
    """A plan with the audit row of a change, and what screens are told."""
    plan = Plan(now, actor)
    entry = AuditEntry(channel.workspace_id, actor, action, "channel", str(channel.id), details)
    plan.audit.append(entry)
    announce_channel(plan, channel, health)
    return plan
