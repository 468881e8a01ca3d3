"""Who wrote: a set of aliases, matched to one identity of a channel.

Platforms name a person by phone, by a business-scoped id, or by both, and change which. The first
alias known decides; conflicting identities are never merged here, only a person may do that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID


class AliasKey(NamedTuple):
    """The key of an alias row, in the order its locks are taken."""

    workspace_id: UUID
    channel_id: UUID
    kind: str
    value: str


@dataclass(slots=True)
class Contact:
    """The person. A name set by a user is not overwritten by a channel's profile."""

    id: UUID
    workspace_id: UUID
    name: str | None = None
    name_source: str = "channel"
    username: str | None = None
    phone: str | None = None
    email: str | None = None
    blocked: bool = False
    version: int = 1

    def learn(self, name: str | None, username: str | None, phone: str | None) -> bool:
        """Take what a channel says; True when something changed."""
        before = (self.name, self.username, self.phone)
        if name and self.name_source == "channel":
            self.name = name
        self.username = username or self.username
        self.phone = self.phone or phone
        return before != (self.name, self.username, self.phone)

    @property
    def display_name(self) -> str:
        """Name, else handle, else masked phone, else Unnamed."""
        if self.name:
            return self.name
        if self.username:
            return f"@{self.username}"
        return f"•••• {self.phone[-4:]}" if self.phone else "Unnamed"


@dataclass(slots=True)
class Identity:
    """A contact's presence on one channel account."""

    id: UUID
    workspace_id: UUID
    channel_id: UUID
    contact_id: UUID


@dataclass(slots=True)
class Match:
    """`identity_id` None: nobody knows any of the aliases. `conflicts`: other identities named."""

    identity_id: UUID | None
    unassigned: list[AliasKey] = field(default_factory=list)
    conflicts: list[UUID] = field(default_factory=list)


def match(keys: Sequence[AliasKey], known: Mapping[AliasKey, UUID | None]) -> Match:
    """The identity of an alias set; its keys in order of strength, previous ones first."""
    found = [identity for key in keys if (identity := known.get(key)) is not None]
    return Match(
        identity_id=found[0] if found else None,
        unassigned=[key for key in keys if known.get(key) is None],
        conflicts=[other for other in dict.fromkeys(found[1:]) if other != found[0]],
    )
