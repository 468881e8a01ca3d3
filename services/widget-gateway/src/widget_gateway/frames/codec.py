"""Frames as JSON, either way."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from widget_gateway.frames.frame import Frame
from widget_gateway.frames.said import ClientFrame

_CLIENT: TypeAdapter[ClientFrame] = TypeAdapter(ClientFrame)


class NotAFrame(ValueError):
    """What a client sent is not a frame of this protocol; the sentence names the field."""


def frame_of(said: Mapping[str, Any]) -> ClientFrame:
    """A client's parsed frame. Raises NotAFrame, naming the field and quoting nothing."""
    try:
        return _CLIENT.validate_python(said)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "frame"
        raise NotAFrame(f"{where}: {first['msg']}") from None


def write(frame: Frame) -> bytes:
    """A frame as JSON, empty fields left out."""
    return frame.__pydantic_serializer__.to_json(frame, exclude_none=True)
