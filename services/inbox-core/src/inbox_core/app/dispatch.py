"""The outbound scheduler: which part goes to the platform next.

A conversation has at most one unsettled send; the next enters the outbox in the transaction that
records the result of the one before. An account has at most two seconds of its rate outstanding,
and people go before AI, AI before broadcasts. What waited until its reply window closed fails
here, without a call. Called by receive, reply and the worker's sweep.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal
from uuid import UUID

from contracts import subjects
from contracts.batch import encode, pack
from contracts.commands import CommandId, Send, SendCommand, Shown
from contracts.parts import Alias, Part
from inbox_core.app.bylines import bylines
from inbox_core.app.pieces import for_adapter
from inbox_core.app.plan import OutboxRow, Plan, new_id
from inbox_core.app.ports import Room, UnitOfWork
from inbox_core.app.window import Window, admits, explain, window_of
from inbox_core.app.world import World
from inbox_core.domain.delivery import Delivery, Rank, Stage
from inbox_core.domain.message import Message

NOT_AFTER = timedelta(hours=24)
"""A command older than this fails as `expired`: never sent late."""

OUTSTANDING_S = 2
"""Seconds of an account's rate that may be outstanding."""


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
    heads = [part for part in heads if not _shut_out(plan, world, part)]
    if not heads:
        return
    rooms = dict(await uow.room({(part.workspace_id, part.channel_id) for part in heads}))
    chosen = []
    for part in sorted(heads, key=lambda p: (p.priority, p.queued_at)):
        room = rooms[part.channel_id]
        ahead = sum(room.waiting[: part.priority])
        rate = world.channels[part.channel_id].can.rates.account
        if room.outstanding + ahead < OUTSTANDING_S * rate:
            rooms[part.channel_id] = Room(room.outstanding + 1, room.waiting)
            chosen.append(part)
    conversations = [world.conversations[part.conversation_id] for part in chosen]
    addresses = await uow.addresses({(row.workspace_id, row.identity_id) for row in conversations})
    shown = await _shown(uow, world, chosen)
    for part, conversation in zip(chosen, conversations, strict=True):
        _send(plan, world, part, addresses[conversation.identity_id], shown.get(part.message_id))


async def _shown(uow: UnitOfWork, world: World, parts: Sequence[Delivery]) -> Mapping[UUID, Shown]:
    """Where the messages stand in their threads, for channels that show these."""
    messages = [
        world.messages[part.message_id]
        for part in parts
        if world.channels[part.channel_id].can.threads
    ]
    names = await bylines(uow, messages)
    return {
        message.id: Shown(
            seq=message.seq,
            at=message.sent_at,
            by=message.author_type if message.author_type != "contact" else "user",
            author=names.get(message.id),
            parts=len(message.parts),
        )
        for message in messages
    }


def _shut_out(plan: Plan, world: World, head: Delivery) -> bool:
    """Fail what the window admits no more: the head, and what waits behind it in its message.

    Later messages of the conversation are looked at by the sweep, within a second.
    """
    message = world.messages[head.message_id]
    window = _window(plan, world, head)
    if window is None or _admitted(window, message, head):
        return False
    problem = {"kind": "window", "message": explain(window), "retryable": False}
    for part in world.deliveries[message.id]:
        if part.stage == Stage.WAITING and not _admitted(window, message, part):
            part.advance(part.attempt, Rank.FAILED, plan.now, problem)
            plan.touch_delivery(part)
    plan.touch_message(message, "message.delivery_changed")
    return True


def _window(plan: Plan, world: World, part: Delivery) -> Window | None:
    identity = world.identities[world.conversations[part.conversation_id].identity_id]
    return window_of(world.channels[part.channel_id].can, identity, plan.now)


def _admitted(window: Window, message: Message, part: Delivery) -> bool:
    kind = _piece(message, part)["kind"]
    return admits(window, kind, human=message.author_type == "user")


def _piece(message: Message, part: Delivery) -> dict[str, Any]:
    return message.parts[part.part]


def _tag(window: Window | None, message: Message) -> Literal["human_agent"] | None:
    """Past the window, only in the name of a person who really wrote it."""
    by_hand = window is not None and window.state == "human_agent"
    return "human_agent" if by_hand and message.author_type == "user" else None


def _send(
    plan: Plan,
    world: World,
    part: Delivery,
    to: Sequence[tuple[str, str]],
    shown: Shown | None,
) -> None:
    message, channel = world.messages[part.message_id], world.channels[part.channel_id]
    window = _window(plan, world, part)
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
            part=Part.model_validate(for_adapter(_piece(message, part))),
            # One quotation is enough for a message that goes in several parts.
            reply_to=message.reply_to if part.part == 0 else None,
            tag=_tag(window, message),
            shown=shown,
            not_after=part.queued_at + NOT_AFTER,
        ),
    )
    subject = subjects.outbound(channel.type, "send")
    plan.outbox.append(OutboxRow(new_id(), channel.workspace_id, subject, pack([encode(command)])))
