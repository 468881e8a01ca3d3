"""Who did it: recorded with every change, never empty."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Actor:
    """`id` is a user's or token's UUID, or the name of a part of the system."""

    type: Literal["user", "token", "contact", "ai", "system"]
    id: str
    name: str | None = None

    @property
    def label(self) -> str:
        """`type:id`, as changes and audit rows carry it."""
        return f"{self.type}:{self.id}"


WORKER = Actor("system", "inbox-core")
