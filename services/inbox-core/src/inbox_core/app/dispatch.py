"""The outbound scheduler: which part goes to the platform next.

A conversation has at most one unsettled send; the next enters the outbox in the transaction that
records the result of the one before. An account has at most two seconds of its rate outstanding,
and people go before AI, AI before broadcasts. Called by receive, reply and the worker's sweep.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from contracts import subjects
from contracts.batch import encode, pack
from contracts.commands import CommandId, Send, SendCommand
from contracts.parts import Alias, Part
from inbox_core.app.plan import OutboxRow, Plan, new_id
from inbox_core.app.ports import Room, UnitOfWork
from inbox_core.app.world import World
from inbox_core.domain.delivery import Delivery, Stage

NOT_AFTER = timedelta(hours=24)
"""A command older than this fails as `expired`: never sent late."""

OUTSTANDING_S = 2
"""Seconds of an account's rate that may be outstanding."""

RATES_PER_S: dict[str, int] = {"whatsapp": 80}
"""What an account may send; adapters will announce it (bucket `capabilities`)."""
DEFAULT_RATE_PER_S = 10


async def dispatch_next(
    uow: UnitOfWork, plan: Plan, world: World, conversation_ids: Collection[UUID]
) -> None:
    """Send the next waiting part of each conversation, as far as its account has room.

    The conversations must be locked and loaded in `world`, and have nothing outstanding.
    """
    if not conversation_ids:
        return
    rows = [world.conversations[conversation_id] for conversation_id in conversation_ids]
    waiting = await uow.waiting_heads([(row.workspace_id, row.id) for row in rows])
    missing = {message for message, _ in waiting if message[1] not in world.messages}
    world.messages.update(await uow.lock_messages(missing))
    world.deliveries.update(await uow.deliveries(missing))
    heads = [found for (_, message), part in waiting if (found := world.part(message, part))]
    await dispatch(uow, plan, world, [part for part in heads if part.stage == Stage.WAITING])


async def dispatch(uow: UnitOfWork, plan: Plan, world: World, heads: Sequence[Delivery]) -> None:
    """Send these parts, the most urgent first, as far as their accounts have room."""
    if not heads:
        return
    rooms = dict(await uow.room({(part.workspace_id, part.channel_id) for part in heads}))
    chosen = []
    for part in sorted(heads, key=lambda p: (p.priority, p.queued_at)):
        room = rooms[part.channel_id]
        ahead = sum(room.waiting[: part.priority])
        if room.outstanding + ahead < _limit(world.channels[part.channel_id].type):
            rooms[part.channel_id] = Room(room.outstanding + 1, room.waiting)
            chosen.append(part)
    conversations = [world.conversations[part.conversation_id] for part in chosen]
    addresses = await uow.addresses({(row.workspace_id, row.identity_id) for row in conversations})
    for part, conversation in zip(chosen, conversations, strict=True):
        _send(plan, world, part, addresses[conversation.identity_id])


def _limit(channel_type: str) -> int:
    return OUTSTANDING_S * RATES_PER_S.get(channel_type, DEFAULT_RATE_PER_S)


def _send(plan: Plan, world: World, part: Delivery, to: Sequence[tuple[str, str]]) -> None:
    message, channel = world.messages[part.message_id], world.channels[part.channel_id]
    part.dispatch(plan.now)
    plan.touch_delivery(part)
    plan.touch_message(message, "message.delivery_changed")
    command = SendCommand(
        id=str(CommandId(message.id, part.attempt, part.part)),
        time=plan.now,
        channel=channel.type,
        account=channel.account,
        data=Send(
            workspace_id=channel.workspace_id,
            channel_id=channel.id,
            conversation_id=part.conversation_id,
            to=tuple(Alias(kind=kind, value=value) for kind, value in to),
            part=Part.model_validate(message.parts[part.part]),
            reply_to=message.reply_to,
            not_after=part.queued_at + NOT_AFTER,
        ),
    )
    subject = subjects.outbound(channel.type, "send")
    plan.outbox.append(OutboxRow(new_id(), channel.workspace_id, subject, pack([encode(command)])))
