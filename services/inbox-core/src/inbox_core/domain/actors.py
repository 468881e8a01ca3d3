"""Who did it: recorded with every change, never empty."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Actor:
    """`id` is a user's or token's UUID, or the name of a part of the system.

    `user_id` is the person a token speaks for; what they write is theirs.
    """

    type: Literal["user", "token", "contact", "ai", "system"]
    id: str
    name: str | None = None
    user_id: str | None = None

    @property
    def author_id(self) -> str:
        """Whose message it is."""
        return self.user_id or self.id

    @property
    def label(self) -> str:
        """`type:id`, as changes and audit rows carry it."""
        return f"{self.type}:{self.id}"


WORKER = Actor("system", "inbox-core")
