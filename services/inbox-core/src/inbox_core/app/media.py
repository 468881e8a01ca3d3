"""Media: the files of messages are asked for with the message, and come later.

A message is stored and shown at once; its files are commands to the adapter's media role, planned
in the same transaction, and their results change the message. Called by whatever stores or changes
messages from outside, by app.decide, and by the API for a person's retry.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from contracts import subjects
from contracts.batch import encode, pack
from contracts.commands import FetchMedia, MediaCommand
from contracts.events import MediaResultEvent
from contracts.parts import Media, StoredFile
from filestore.errors import BadKey
from filestore.keys import check_key
from inbox_core.app.placing import Placed
from inbox_core.app.plan import OutboxRow, Plan, new_id
from inbox_core.app.ports import Channel, Key, Store
from inbox_core.app.threads import commit, lock_thread, view_of
from inbox_core.app.views import MessageView
from inbox_core.app.world import World
from inbox_core.domain import media
from inbox_core.domain.actors import Actor
from inbox_core.domain.errors import NotFound, NotRetryable
from inbox_core.domain.files import File, Purpose
from inbox_core.domain.message import Message, Parts

FETCH_WITHIN = timedelta(days=7)
"""How long a platform keeps a file for us."""
NOT_KEPT = {"kind": "storage", "message": "The file could not be kept.", "retryable": True}


def follow(plan: Plan, channel: Channel, message: Message, before: Parts) -> None:
    """After the parts changed, or came: new files are fetched, files that are gone are purged.

    Not those of a message we wrote: an upload may be in another message too.
    """
    if not any("media" in part for part in (*before, *message.parts)):
        return
    first_attempt = media.carry(before, message.parts)
    for about, told in media.stored(message.parts):
        _take_stored(plan, channel, about, told)
    for wanted in media.begin(message.parts, first_attempt, blocked=message.blocked):
        _fetch(plan, channel, message, wanted)
    if message.client_msg_id is None:
        gone = media.files_of(before) - media.files_of(message.parts)
        plan.purged_files.update((message.workspace_id, file) for file in gone)


def _take_stored(plan: Plan, channel: Channel, about: dict[str, Any], told: dict[str, Any]) -> None:
    """A file that its adapter put into the filestore before the message came."""
    found = trusted(channel, StoredFile.model_validate(told), "media")
    plan.refused_files += found is None
    media.take(about, keep(plan, channel, found, "media") if found else None)


def take_media(world: World, plan: Plan, placed: Placed, event: MediaResultEvent) -> str:
    """A file came, or will not come. One that nobody awaits any more is purged at once."""
    data = event.data
    message = world.messages.get(data.message_id)
    if message is not None and message.channel_id != placed.channel.id:
        message = None
    awaited = message is not None and media.awaits(message.parts, data.part, data.attempt)
    stored = trusted(placed.channel, data.file, "media")
    if message is None or not awaited:
        if stored is not None:
            discard(plan, placed.channel, stored, "media")
        return "media_of_no_message" if message is None else "media_repeated"
    file = keep(plan, placed.channel, stored, "media") if stored else None
    problem = data.problem.model_dump() if data.problem else NOT_KEPT
    media.settle(message.parts, data.part, file, problem)
    plan.touch_message(message, "message.media_changed")
    return "media_failed" if file is None else "media_ready"


def trusted(channel: Channel, stored: StoredFile | None, purpose: Purpose) -> StoredFile | None:
    """The file, when it lies where files of this workspace and purpose do.

    Nobody is given another's, and what people uploaded is no adapter's to give or to purge.
    """
    if stored is None or not stored.key.startswith(f"{channel.workspace_id}/{purpose}/"):
        return None
    try:
        check_key(stored.key)
    except BadKey:
        return None
    return stored


def keep(plan: Plan, channel: Channel, stored: StoredFile, purpose: Purpose) -> File:
    """The row of a file that an adapter has put into the filestore.

    Its id is made of its key, so that a file told of twice is one row.
    """
    file = File(
        id=uuid5(channel.workspace_id, stored.key),
        workspace_id=channel.workspace_id,
        key=stored.key,
        purpose=purpose,
        mime_type=stored.mime_type,
        size=stored.size,
        sha256=stored.sha256,
        filename=stored.filename,
        created_at=plan.now,
        created_by=plan.actor.label,
    )
    return plan.new_files.setdefault(file.id, file)


def discard(plan: Plan, channel: Channel, stored: StoredFile, purpose: Purpose) -> None:
    """Nobody waits for the file: it is purged, unless its row is there and in use."""
    if uuid5(channel.workspace_id, stored.key) not in plan.new_files:
        keep(plan, channel, stored, purpose).purge_at = plan.now


async def retry_media(
    store: Store, key: Key, message_id: UUID, part: int, actor: Actor, now: datetime
) -> MessageView:
    """Another attempt at a file that failed. Raises NotFound, NotRetryable."""
    async with store.begin(key[0]) as uow:
        world, conversation = await lock_thread(uow, key)
        world.messages = dict(await uow.lock_messages([(key[0], message_id)]))
        message = world.messages.get(message_id)
        if message is None or message.conversation_id != key[1] or message.hidden:
            raise NotFound("There is no such message in this conversation.")
        wanted = media.retry(message.parts, part)
        if wanted is None:
            raise NotRetryable("Only a file that could not be fetched can be tried again.")
        world.deliveries = dict(await uow.deliveries([(key[0], message_id)]))
        plan = Plan(now, actor)
        _fetch(plan, world.channels[conversation.channel_id], message, wanted)
        plan.touch_message(message, "message.media_changed")
        await commit(uow, plan, world)
        return view_of(world, message)


def _fetch(plan: Plan, channel: Channel, message: Message, wanted: media.Wanted) -> None:
    command = MediaCommand(
        id=f"media:{message.id}.{wanted.part}.{wanted.attempt}",
        time=plan.now,
        channel=channel.type,
        account=channel.account,
        data=FetchMedia(
            workspace_id=message.workspace_id,
            channel_id=channel.id,
            message_id=message.id,
            part=wanted.part,
            attempt=wanted.attempt,
            media=Media.model_validate(message.parts[wanted.part]["media"]),
            not_after=plan.now + FETCH_WITHIN,
        ),
    )
    subject = subjects.outbound(channel.type, "media")
    plan.outbox.append(OutboxRow(new_id(), channel.workspace_id, subject, pack([encode(command)])))
