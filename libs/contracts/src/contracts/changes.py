"""Changes: what screens are told, on CHANGES, at least once and with full state.

Written only by inbox-core's relay, after commit. Every entity has a `version`; a reader applies a
change when its version is higher than the one it has, so repeats and overtaking do no harm.
Deletion is a version too.
"""

from typing import Any, Literal
from uuid import UUID

from contracts.parts import Time, Wire

ChangeType = Literal[
    "conversation.row_changed",
    "conversation.deleted",
    "message.created",
    "message.delivery_changed",
    "message.media_changed",
    "message.edited",
    "message.deleted",
    "contact.updated",
    "channel.updated",
]


class Change(Wire):
    """The new state of one entity: `data` is the same object REST answers for it."""

    entity_id: UUID
    version: int
    actor: str
    state: dict[str, Any]


class ChangeEvent(Wire):
    """A CloudEvent of CHANGES. `id` is a UUIDv7, `type` the change's name, `.v1` understood."""

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    source: Literal["/inbox-core"] = "/inbox-core"
    type: ChangeType
    time: Time
    datacontenttype: Literal["application/json"] = "application/json"
    workspace: UUID
    data: Change
