"""From a plan to the news that screens read: full state, one change an entity, packed."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from uuid import UUID

from pydantic import BaseModel

from contracts import subjects
from contracts.batch import MAX_BYTES, MAX_EVENTS, encode, pack
from contracts.changes import Change, ChangeEvent, ChangeType
from inbox_core.app.health import ChannelHealth
from inbox_core.app.plan import OutboxRow, Plan, new_id
from inbox_core.app.ports import Channel
from inbox_core.app.views import channel_view, contact_view, conversation_view, message_view
from inbox_core.app.world import World


def announce(plan: Plan, world: World) -> None:
    """Write every change of the plan into its outbox, as the world is now."""
    news: dict[UUID, list[bytes]] = defaultdict(list)

    def tell(
        workspace: UUID, change: ChangeType, entity: UUID, version: int, view: BaseModel
    ) -> None:
        news[workspace].append(_event(plan, workspace, change, entity, version, view))

    for contact in plan.contacts.values():
        view = contact_view(contact)
        tell(contact.workspace_id, "contact.updated", contact.id, contact.version, view)
    created: ChangeType = "message.created"
    arrived = [(message, created) for message in plan.new_messages.values()]
    for message, change in [*arrived, *plan.messages.values()]:
        shown = message_view(message, world.deliveries.get(message.id, ()))
        tell(message.workspace_id, change, message.id, message.version, shown)
    for row in [*plan.new_conversations.values(), *plan.conversations.values()]:
        shown_row = conversation_view(
            row,
            world.contacts[row.contact_id],
            world.channels[row.channel_id],
            world.identities[row.identity_id],
            plan.now,
        )
        tell(row.workspace_id, "conversation.row_changed", row.id, row.version, shown_row)
    for workspace, events in news.items():
        for body in _packed(events):
            plan.outbox.append(OutboxRow(new_id(), workspace, subjects.changes(workspace), body))


def announce_channel(plan: Plan, channel: Channel, health: ChannelHealth) -> None:
    """Write the news of a channel into the plan's outbox."""
    workspace, view = channel.workspace_id, channel_view(channel, health, plan.now)
    event = _event(plan, workspace, "channel.updated", channel.id, channel.version, view)
    plan.outbox.append(OutboxRow(new_id(), workspace, subjects.changes(workspace), pack([event])))


def _event(
    plan: Plan, workspace: UUID, change: ChangeType, entity: UUID, version: int, view: BaseModel
) -> bytes:
    event = ChangeEvent(
        id=new_id(),
        type=change,
        time=plan.now,
        workspace=workspace,
        data=Change(
            entity_id=entity,
            version=version,
            actor=plan.actor.label,
            state=view.model_dump(mode="json"),
        ),
    )
    return encode(event)


def _packed(events: Sequence[bytes]) -> Iterator[bytes]:
    """Batches of at most MAX_EVENTS and, unless a single one is larger, MAX_BYTES."""
    batch: list[bytes] = []
    size = 0
    for event in events:
        if batch and (len(batch) >= MAX_EVENTS or size + len(event) > MAX_BYTES):
            yield pack(batch)
            batch, size = [], 0
        batch.append(event)
        size += len(event)
    if batch:
        yield pack(batch)
