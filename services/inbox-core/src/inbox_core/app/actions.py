"""Actions: reactions, read receipts, typing. Harmless to repeat, worthless when late.

They go to the adapter by the outbox, are shown at once, and are heard of again only when they
fail. Called by the API's handlers, by app.read, and by app.decide for a failure.
"""

from datetime import datetime
from uuid import UUID

from contracts.events import ActionResultEvent
from inbox_core.app.acting import Act, plan_act
from inbox_core.app.bylines import member_key
from inbox_core.app.limits import TYPING, Limiter
from inbox_core.app.placing import Placed
from inbox_core.app.plan import Plan
from inbox_core.app.ports import Key, Store, UnitOfWork
from inbox_core.app.threads import commit, lock_message, lock_thread, view_of
from inbox_core.app.views import MessageView
from inbox_core.app.window import Window, admits, explain, window_of
from inbox_core.app.world import World
from inbox_core.domain.actors import Actor
from inbox_core.domain.conversation import Conversation
from inbox_core.domain.errors import NotSupported, WindowClosed
from inbox_core.domain.message import OURS, Message

READ_RECEIPTS = "read_receipts"
"""The workspace's setting; false keeps from customers when their messages were read."""


async def react(
    store: Store, key: Key, message_id: UUID, emoji: str | None, actor: Actor, now: datetime
) -> MessageView:
    """The message with our reaction; None takes it back, the same again changes nothing.

    Raises NotFound, NotSupported, WindowClosed.
    """
    async with store.begin(key[0]) as uow:
        world, conversation = await lock_thread(uow, key)
        message = await lock_message(uow, world, key, message_id)
        name = (await uow.external_ids([(key[0], message_id)])).get(message_id)
        if message.direction != "inbound" or message.deleted_at is not None or name is None:
            raise NotSupported("Only a message of the customer can be reacted to.")
        before = message.reactions.get(OURS, {}).get("emoji")
        if emoji != before:
            _check(world, conversation, now)
            plan = Plan(now, actor)
            act = Act("unreact" if emoji is None else "react", name, emoji)
            command = await _plan_action(uow, plan, world, conversation, act)
            message.reactions[OURS] = {
                "emoji": emoji, "at": now.isoformat(), "name": actor.name,
                "command": command, "before": before,
            }  # fmt: skip
            plan.touch_message(message, "message.edited")
            await commit(uow, plan, world)
        return view_of(world, message)


def action_failed(world: World, plan: Plan, placed: Placed, event: ActionResultEvent) -> str:
    """The screen stops showing a reaction that never was; the rest was shown nowhere."""
    message = _about(world, placed)
    if message is None or event.data.action not in ("react", "unreact"):
        return "action_failed"
    ours = message.reactions.get(OURS)
    if ours is None or ours.get("command") != event.data.command_id:
        return "action_outdated"
    message.reactions[OURS] = {
        "emoji": ours.get("before"), "at": plan.now.isoformat(), "name": ours.get("name"),
    }  # fmt: skip
    plan.touch_message(message, "message.edited")
    return "reaction_reverted"


async def tell_read(
    uow: UnitOfWork, plan: Plan, world: World, conversation: Conversation, after: int
) -> None:
    """The customer may see that we read up to the mark, which was at `after` before.

    A channel that shows our threads is told that this one changed, and shows the mark by itself.
    """
    channel = world.channels[conversation.channel_id]
    if not (channel.can.read_receipts and channel.enabled):
        return
    key = (conversation.workspace_id, conversation.id)
    name = await uow.last_inbound(key, after, conversation.read_seq)
    if name is None or not (await uow.workspace_settings(key[0])).get(READ_RECEIPTS, True):
        return
    if channel.can.threads:
        plan.refreshed.add(conversation.id)
    else:
        await _plan_action(uow, plan, world, conversation, Act("read", name))


async def tell_typing(
    store: Store, limiter: Limiter, key: Key, actor: Actor, now: datetime, *, on: bool
) -> None:
    """The customer may see that somebody writes, where the channel shows it. Raises NotFound.

    More often than TYPING allows it is dropped without a word.
    """
    async with store.begin(key[0]) as uow:
        world, conversation = await lock_thread(uow, key)
        channel = world.channels[conversation.channel_id]
        if channel.can.typing_s is None or not channel.enabled:
            return
        if world.contacts[conversation.contact_id].blocked:
            return
        if not admits(_window(world, conversation, now), "typing", human=True):
            return
        if await limiter.take(TYPING, f"{conversation.id}:{'on' if on else 'off'}") > 0:
            return
        plan = Plan(now, actor)
        name = await uow.last_inbound(key, 0, conversation.last_seq)
        act = Act(
            "typing_on" if on else "typing_off",
            name,
            author=await _name(uow, key[0], actor) if channel.can.threads else None,
        )
        await _plan_action(uow, plan, world, conversation, act)
        await commit(uow, plan, world)


def _check(world: World, conversation: Conversation, now: datetime) -> None:
    channel = world.channels[conversation.channel_id]
    if not channel.can.reactions:
        raise NotSupported("This channel has no reactions.")
    if not channel.enabled:
        raise NotSupported("The channel of this conversation is switched off.")
    window = _window(world, conversation, now)
    if window is not None and not admits(window, "reaction", human=True):
        raise WindowClosed(explain(window))


def _window(world: World, conversation: Conversation, now: datetime) -> Window | None:
    can = world.channels[conversation.channel_id].can
    return window_of(can, world.identities[conversation.identity_id], now)


async def _name(uow: UnitOfWork, workspace_id: UUID, actor: Actor) -> str | None:
    """The display name of a member, by which they are shown to customers."""
    member = member_key(workspace_id, actor.author_id)
    return (await uow.member_names([member])).get(member[1]) if member else None


def _about(world: World, placed: Placed) -> Message | None:
    reference = world.references.get(placed.reference) if placed.reference else None
    return world.messages.get(reference.message_id) if reference and reference.message_id else None


async def _plan_action(
    uow: UnitOfWork, plan: Plan, world: World, conversation: Conversation, act: Act
) -> str:
    """The command into the outbox; the answer is its id, "" when there is nobody to address."""
    identity = (conversation.workspace_id, conversation.identity_id)
    to = (await uow.addresses([identity])).get(conversation.identity_id, ())
    if not to:
        return ""
    return plan_act(plan, world.channels[conversation.channel_id], conversation, to, act)
