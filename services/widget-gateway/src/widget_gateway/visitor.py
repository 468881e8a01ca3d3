"""A visitor: whoever a session speaks for, and the names they have on the bus."""

import secrets
from dataclasses import dataclass
from uuid import UUID

from contracts import subjects
from contracts.parts import Alias, Contact

VISITOR = "visitor"
USER = "user"
"""Kinds of aliases: the browser's own random id, and the site's id of somebody logged in."""
ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Visitor:
    """What a token of a session says. `issued_at` and `expires_at` in seconds since the epoch.

    `id` is made with the first session and kept when the visitor identifies; `session` is the
    session's own. `user_id`, `name` and `email` are what the site proved, None of an anonymous one.
    """

    channel_id: UUID
    id: str
    session: str
    issued_at: int
    expires_at: int
    user_id: str | None = None
    name: str | None = None
    email: str | None = None

    @property
    def aliases(self) -> tuple[Alias, ...]:
        """Strongest first, as events name them."""
        own = Alias(kind=VISITOR, value=self.id)
        if self.user_id is None:
            return (own,)
        return Alias(kind=USER, value=self.user_id), own

    @property
    def contact(self) -> Contact:
        """As events name them: what is not of the browser's own making is the site's word."""
        return Contact(
            aliases=self.aliases,
            external_id=self.user_id,
            name=self.name,
            name_proven=True if self.name else None,
            email=self.email,
            email_proven=True if self.email else None,
        )

    @property
    def subjects(self) -> tuple[str, ...]:
        """Where live news for them are told: one for each alias."""
        return tuple(
            subjects.visitor(self.channel_id, alias.kind, alias.value) for alias in self.aliases
        )


def new_id() -> str:
    """An id nobody guesses: 22 letters, digits, `-` and `_`."""
    return secrets.token_urlsafe(ID_BYTES)
