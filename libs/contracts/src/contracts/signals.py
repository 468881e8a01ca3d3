"""Signals between services: droppable news on core NATS, on `subjects.signal(workspace, kind)`.

A signal that is lost costs a screen seconds; what must not be lost is an event or a command.
"""

from uuid import UUID

from pydantic import Field

from contracts.parts import Wire

ATTENDANCE_EVERY_S = 25.0
"""How often a process says who is there."""
ATTENDANCE_TTL_S = 60.0
"""Who was not said to be there for so long has left."""


class Attendance(Wire):
    """`subjects.ATTENDANCE`: how many people of a workspace sit at the inbox of one process.

    Said by inbox-core when it changes, ever again, and when somebody asks by an empty message on
    `subjects.ATTENDANCE_WANTED`; zero once when the last one leaves.
    """

    process: str = Field(max_length=64)
    people: int = Field(ge=0)


class VisitorTyping(Wire):
    """`subjects.VISITOR_TYPING`: a visitor writes in one of their conversations, or stopped."""

    conversation_id: UUID
    on: bool
