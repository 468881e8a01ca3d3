"""Who wrote: a set of aliases, matched to one identity of a channel.

Platforms name a person by phone, by a business-scoped id, or by both, and change which. The first
alias known decides; conflicting identities are never merged here, only a person may do that.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

ProfileState = Literal["asked", "known", "none", "failed"]
NameSource = Literal["channel", "proven", "user"]
LeadStatus = Literal["new", "contacted", "qualified", "won", "lost"]
AD_SOURCES = frozenset({"ad", "ads"})


class AliasKey(NamedTuple):
    """The key of an alias row, in the order its locks are taken."""

    workspace_id: UUID
    channel_id: UUID
    kind: str
    value: str


@dataclass(slots=True)
class Contact:
    """The person. What a user set is never overwritten, what the business proved only by a proof.

    `external_id`: by which the business's own system knows them; None: nobody has vouched for them.
    `lead_status` None: no lead. `blocked_at`: since when nobody wants to hear them.
    """

    id: UUID
    workspace_id: UUID
    external_id: str | None = None
    name: str | None = None
    name_source: NameSource = "channel"
    username: str | None = None
    phone: str | None = None
    email: str | None = None
    email_proven: bool = False
    blocked_at: datetime | None = None
    lead_status: LeadStatus | None = None
    avatar_file_id: UUID | None = None
    version: int = 1

    def vouch(self, external_id: str | None) -> bool:
        """Whom the business says this is; True when that is news."""
        if external_id in (None, self.external_id):
            return False
        self.external_id = external_id
        return True

    def learn(self, name: str | None, username: str | None, phone: str | None = None) -> bool:
        """Take what a channel says; True when something changed.

        The name of somebody the business knows may be anybody's word: it fills what is empty.
        """
        before = (self.name, self.username, self.phone)
        if name and self.name_source == "channel" and not (self.name and self.external_id):
            self.name = name
        self.username = username or self.username
        self.phone = self.phone or phone
        return before != (self.name, self.username, self.phone)

    def prove(self, name: str | None, email: str | None) -> bool:
        """Take what the business vouches for, in place of what was said; True when it is news.

        An address that is new makes a lead.
        """
        before = (self.name, self.name_source, self.email, self.email_proven)
        if name and self.name_source != "user":
            self.name, self.name_source = name, "proven"
        if email:
            if email != self.email:
                self.lead_status = self.lead_status or "new"
            self.email, self.email_proven = email, True
        return before != (self.name, self.name_source, self.email, self.email_proven)

    def leave(self, email: str | None, phone: str | None) -> bool:
        """Take what the person said of themself, where nothing is known yet: that makes a lead.

        It is proven by nothing, so it replaces nothing. True when something was taken.
        """
        taken = bool((email and not self.email) or (phone and not self.phone))
        self.email = self.email or email
        self.phone = self.phone or phone
        if taken:
            self.lead_status = self.lead_status or "new"
        return taken

    def drop_phone(self, stale: Collection[str]) -> bool:
        """The number is theirs no more; True when it was the one on the card."""
        if self.phone is None or self.phone not in stale:
            return False
        self.phone = None
        return True

    @property
    def blocked(self) -> bool:
        """Whether what they write wakes nobody."""
        return self.blocked_at is not None

    @property
    def name_proven(self) -> bool:
        """Whether the business vouches for the name."""
        return self.name_source == "proven"

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
    """A contact's presence on one channel account.

    `last_inbound_at` and `ad_inbound_at`, by the platform's clock, open the reply window.
    """

    id: UUID
    workspace_id: UUID
    channel_id: UUID
    contact_id: UUID
    last_inbound_at: datetime | None = None
    ad_inbound_at: datetime | None = None
    profile_at: datetime | None = None
    profile_state: ProfileState | None = None

    def hear(self, at: datetime, *, by_ad: bool) -> bool:
        """The person wrote or called at this moment; True when it is the latest we know."""
        before = (self.last_inbound_at, self.ad_inbound_at)
        self.last_inbound_at = max(at, self.last_inbound_at or at)
        if by_ad:
            self.ad_inbound_at = max(at, self.ad_inbound_at or at)
        return before != (self.last_inbound_at, self.ad_inbound_at)


def came_by_ad(referral: Mapping[str, Any] | None) -> bool:
    """Whether an ad led the person here, in the words of whichever platform says so."""
    said = (referral or {}).get("source_type") or (referral or {}).get("source")
    return str(said).lower() in AD_SOURCES


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
