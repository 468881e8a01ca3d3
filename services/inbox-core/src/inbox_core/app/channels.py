"""Channels: connect a platform account, rename it, switch it on and off, replace its secret.

The secret is sealed here and never leaves unsealed; what changed is audited, its value is not.
After the commit the mirror is told, so that adapters learn within a moment; it reconciles by
itself when that call is lost.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from inbox_core.app.changes import announce_channel
from inbox_core.app.plan import AuditEntry, Plan, new_id
from inbox_core.app.ports import Channel, Key, Store
from inbox_core.app.views import ChannelView, channel_view
from inbox_core.domain.actors import Actor
from inbox_core.domain.errors import NotFound, VersionMismatch
from vault.keyring import KeyRing
from vault.seal import Place, seal

Mirror = Callable[[], None]
"""Called after each commit, to wake what copies channels to where adapters watch. Never raises."""


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What of a channel may change; None leaves it."""

    name: str | None = None
    enabled: bool | None = None
    secret: str | None = None


async def connect_channel(
    store: Store,
    mirror: Mirror,
    ring: KeyRing,
    workspace_id: UUID,
    account: tuple[str, str],
    settings: ChannelSettings,
    actor: Actor,
    now: datetime,
) -> ChannelView:
    """A new channel for `account`, a pair (type, platform account). Raises AccountTaken."""
    channel = Channel(
        id=new_id(),
        workspace_id=workspace_id,
        type=account[0],
        account=account[1],
        name=settings.name or account[1],
        enabled=True if settings.enabled is None else settings.enabled,
    )
    async with store.begin(workspace_id) as uow:
        await uow.add_channel(channel, _seal(ring, channel, settings.secret or ""))
        plan = _news(channel, "channel.connected", actor, now, {"type": channel.type})
        await uow.write(plan)
    mirror()
    return channel_view(channel)


async def change_channel(
    store: Store,
    mirror: Mirror,
    ring: KeyRing,
    key: Key,
    settings: ChannelSettings,
    expected_version: int | None,
    actor: Actor,
    now: datetime,
) -> ChannelView:
    """The channel with its new settings; the same settings again change nothing.

    Raises NotFound, VersionMismatch.
    """
    async with store.begin(key[0]) as uow:
        before = await uow.lock_channel(key)
        if before is None:
            raise NotFound("There is no such channel.")
        if expected_version not in (None, before.version):
            raise VersionMismatch("The channel has changed meanwhile.")
        after = replace(
            before,
            name=before.name if settings.name is None else settings.name,
            enabled=before.enabled if settings.enabled is None else settings.enabled,
        )
        if after == before and settings.secret is None:
            return channel_view(before)
        after = replace(after, version=before.version + 1)
        sealed = None if settings.secret is None else _seal(ring, after, settings.secret)
        await uow.change_channel(after, sealed)
        await uow.write(
            _news(after, "channel.changed", actor, now, _differences(before, after, settings))
        )
    mirror()
    return channel_view(after)


def _news(
    channel: Channel, action: str, actor: Actor, now: datetime, details: dict[str, Any]
) -> Plan:
    plan = Plan(now, actor)
    entry = AuditEntry(channel.workspace_id, actor, action, "channel", str(channel.id), details)
    plan.audit.append(entry)
    announce_channel(plan, channel)
    return plan


def _differences(before: Channel, after: Channel, settings: ChannelSettings) -> dict[str, Any]:
    """What the audit log keeps; of a secret only that it was replaced."""
    changed: dict[str, Any] = {}
    if before.name != after.name:
        changed["name"] = {"from": before.name, "to": after.name}
    if before.enabled != after.enabled:
        changed["enabled"] = after.enabled
    if settings.secret is not None:
        changed["secret"] = "replaced"  # noqa: S105 - says that it was, not what
    return changed


def _seal(ring: KeyRing, channel: Channel, secret: str) -> str:
    return seal(ring, secret, Place(channel.workspace_id, "channels", channel.id, "secret"))
