"""Channels: connect a platform account, rename it, switch it on and off, replace its secret.

The adapter of the channel's type is asked whether the credential works before anything is stored.
Without its word no account is connected, for an account belongs to one workspace, and whoever
names it must show that it is theirs; a new secret of a connected one waits for the word instead.
The secret is sealed here and never leaves
unsealed; what changed is audited, its value is not. After the commit the mirror is told, so that
adapters learn within a moment; it reconciles by itself when that call is lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from contracts.rpc import ValidateAnswer
from inbox_core.app.desk import Desk, find, informed, news, question, still_asked_about
from inbox_core.app.health import ChannelHealth
from inbox_core.app.plan import new_id
from inbox_core.app.ports import Channel, Key
from inbox_core.app.views import ChannelView, channel_view
from inbox_core.domain.actors import Actor
from inbox_core.domain.errors import ChannelRefused, NotFound, Unanswered, VersionMismatch
from vault.keyring import KeyRing
from vault.seal import Place, seal


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """What of a channel may change; None leaves it."""

    name: str | None = None
    enabled: bool | None = None
    secret: str | None = None
    config: Mapping[str, str] | None = None


async def connect_channel(
    desk: Desk,
    workspace_id: UUID,
    account: tuple[str, str],
    settings: ChannelSettings,
    actor: Actor,
    now: datetime,
) -> ChannelView:
    """A new channel for `account`, a pair (type, platform account).

    Raises AccountTaken, ChannelRefused when the platform does not take the credential, and
    Unanswered when nobody can say now.
    """
    channel = Channel(
        id=new_id(),
        workspace_id=workspace_id,
        type=account[0],
        account=account[1],
        name=settings.name or account[1],
        enabled=True if settings.enabled is None else settings.enabled,
        can=desk.store.book.of(account[0]),
        config=dict(settings.config or {}),
    )
    sealed = _seal(desk.ring, channel, settings.secret or "")
    health = ChannelHealth(channel.id)
    answer = await desk.ask(question(channel, sealed))
    if answer is None or (answer.problem and answer.problem.retryable):
        raise Unanswered("The platform could not be asked about this account. Try again soon.")
    _check(answer)
    health.validate(answer, now)
    named = channel if settings.name else replace(channel, name=answer.name or channel.name)
    channel, sealed = informed(named, answer), answer.secret or sealed
    async with desk.store.begin(workspace_id) as uow:
        await uow.add_channel(channel, sealed)
        await uow.write_health(workspace_id, health)
        details = {"type": channel.type, "validation": health.validation}
        await uow.write(news(channel, health, "channel.connected", actor, now, details))
    desk.mirror()
    return channel_view(channel, health, now)


async def change_channel(
    desk: Desk,
    key: Key,
    settings: ChannelSettings,
    expected_version: int | None,
    actor: Actor,
    now: datetime,
) -> ChannelView:
    """The channel with its new settings; the same settings again change nothing.

    Raises NotFound, VersionMismatch, and ChannelRefused when the platform does not take a new
    secret or configuration.
    """
    before, sealed = await find(desk.store, key)
    _check_version(before, expected_version)
    wanted = _changed(before, settings)
    fresh = None if settings.secret is None else _seal(desk.ring, wanted, settings.secret)
    answer = None
    if fresh is not None or wanted.config != before.config:
        answer = await desk.ask(question(wanted, fresh or sealed))
        if answer is not None:
            _check(answer)
            fresh = answer.secret or fresh
    async with desk.store.begin(key[0]) as uow:
        locked = await uow.lock_channel(key)
        if locked is None:
            raise NotFound("There is no such channel.")
        _check_version(locked, expected_version)
        if answer is not None and settings.secret is None:
            await still_asked_about(uow, key, sealed)
        health = (await uow.channel_health([key]))[key[1]]
        after = _changed(locked, settings)
        if answer is not None:
            after = informed(after, answer)
            health.validate(answer, now)
        elif fresh is not None:
            health.forget_validation()
        if after == locked and fresh is None:
            return channel_view(locked, health, now)
        after = replace(after, version=locked.version + 1)
        await uow.write_health(key[0], health)
        await uow.change_channel(after, fresh)
        details = _differences(locked, after, settings)
        await uow.write(news(after, health, "channel.changed", actor, now, details))
    desk.mirror()
    return channel_view(after, health, now)


def _check(answer: ValidateAnswer) -> None:
    """A problem that may pass stands in no one's way: the channel stays unverified with it."""
    if answer.problem is not None and not answer.problem.retryable:
        raise ChannelRefused(answer.problem.message, f"/{answer.field or 'secret'}")


def _check_version(channel: Channel, expected: int | None) -> None:
    if expected not in (None, channel.version):
        raise VersionMismatch("The channel has changed meanwhile.")


def _changed(before: Channel, settings: ChannelSettings) -> Channel:
    return replace(
        before,
        name=before.name if settings.name is None else settings.name,
        enabled=before.enabled if settings.enabled is None else settings.enabled,
        config=before.config if settings.config is None else dict(settings.config),
    )


def _differences(before: Channel, after: Channel, settings: ChannelSettings) -> dict[str, Any]:
    """What the audit log keeps; of a secret only that it was replaced."""
    changed: dict[str, Any] = {}
    if before.name != after.name:
        changed["name"] = {"from": before.name, "to": after.name}
    if before.enabled != after.enabled:
        changed["enabled"] = after.enabled
    if before.config != after.config:
        changed["config"] = dict(after.config)
    if settings.secret is not None:
        changed["secret"] = "replaced"  # noqa: S105 - says that it was, not what
    return changed


def _seal(ring: KeyRing, channel: Channel, secret: str) -> str:
    return seal(ring, secret, Place(channel.workspace_id, "channels", channel.id, "secret"))
