"""CloudEvents batches: the body of every JetStream message (`application/cloudevents-batch+json`).

Packing many events into one message is a group commit (docs/adr/0001): the publisher does it, the
consumer undoes it, and an event that cannot be read costs none of its neighbours.
"""

from collections.abc import Iterable
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json, to_json

from contracts.changes import ChangeEvent
from contracts.commands import Command, CommandEnvelope
from contracts.events import Envelope, Event

CONTENT_TYPE = "application/cloudevents-batch+json"
MAX_EVENTS = 128
MAX_BYTES = 512 * 1024
"""Of a batch of several; a single event may be larger, up to MAX_EVENT_BYTES."""
MAX_EVENT_BYTES = 3 * 1024 * 1024

_EVENT: TypeAdapter[Event] = TypeAdapter(Event)
_COMMAND: TypeAdapter[Command] = TypeAdapter(Command)


class NotReadable(ValueError):
    """The bytes are not what this end of the wire expects; the sentence says where."""


def encode(event: Envelope | CommandEnvelope | ChangeEvent) -> bytes:
    """One CloudEvent as JSON, empty fields left out."""
    return event.__pydantic_serializer__.to_json(event, exclude_none=True)


def pack(events: Iterable[bytes]) -> bytes:
    """A batch of encoded events."""
    return b"[" + b",".join(events) + b"]"


def unpack(body: bytes) -> list[Any]:
    """The items of a batch as plain JSON values. Raises NotReadable."""
    try:
        items = from_json(body)
    except ValueError as error:
        raise NotReadable(f"not JSON: {error}") from error
    if not isinstance(items, list):
        raise NotReadable("not a batch: an array of CloudEvents is expected")
    return items


def item_bytes(item: Any) -> bytes:
    """An unpacked item as JSON again, for a dead letter."""
    return to_json(item)


def decode_event(item: Any) -> Event:
    """An unpacked item as a typed event. Raises NotReadable naming the field."""
    try:
        return _EVENT.validate_python(item)
    except ValidationError as error:
        raise NotReadable(_first(error)) from error


def decode_command(item: Any) -> Command:
    """An unpacked item as a typed command. Raises NotReadable naming the field."""
    try:
        return _COMMAND.validate_python(item)
    except ValidationError as error:
        raise NotReadable(_first(error)) from error


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(step) for step in first['loc']) or 'event'}: {first['msg']}"
