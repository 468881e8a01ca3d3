"""Who may do what: roles, what each may, and the person or token behind a request.

THE table of permissions. Every route names one (entrypoints/http/routes.py), and the pipeline
checks it before a handler runs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Literal
from uuid import UUID

from inbox_core.domain.actors import Actor
from inbox_core.domain.errors import NotFound

Role = Literal["owner", "admin", "support", "viewer"]


class Permission(Enum):
    """What a route asks for. `READ` includes the shared read mark: viewers keep it too."""

    READ = "read"
    ANSWER = "answer"
    ADMINISTER = "administer"


ALLOWED: Mapping[Permission, frozenset[Role]] = {
    Permission.READ: frozenset({"owner", "admin", "support", "viewer"}),
    Permission.ANSWER: frozenset({"owner", "admin", "support"}),
    Permission.ADMINISTER: frozenset({"owner", "admin"}),
}


class AccessError(Exception):
    """Refused before any use case ran.

    AccessError
    ├── Unauthenticated   no valid session or token; log in
    ├── BadCredentials    email and password do not match an account in use
    ├── CrossSite         a cookie came without proof that our own page sent it
    ├── Forbidden         a member, but the role may not
    ├── TooManyRequests   wait `retry_after_s`
    └── Busy              more password checks wait than this process takes on
    """

    code = "access"


class Unauthenticated(AccessError):
    code = "unauthenticated"


class BadCredentials(AccessError):
    code = "bad_credentials"


class CrossSite(AccessError):
    code = "csrf"


class Forbidden(AccessError):
    code = "forbidden"


class TooManyRequests(AccessError):
    code = "too_many_requests"

    def __init__(self, retry_after_s: float) -> None:
        super().__init__("Too many attempts; wait and try again.")
        self.retry_after_s = retry_after_s


class Busy(AccessError):
    code = "busy"


@dataclass(frozen=True, slots=True)
class Membership:
    """A workspace of somebody, and their role there."""

    workspace_id: UUID
    workspace_name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Principal:
    """Whoever a request comes from. `credential` names the session or token, never reveals it.

    A session's memberships are all of the person's; a token's is the one it is bound to.
    `session_ends` is None for a token, which lasts until it is revoked.
    """

    user_id: UUID
    name: str
    credential: str
    memberships: Mapping[UUID, Membership]
    email: str | None = None
    token_id: UUID | None = None
    session_hash: bytes | None = field(default=None, repr=False)
    session_ends: datetime | None = None

    @property
    def actor(self) -> Actor:
        """As changes and the audit log record it."""
        if self.token_id is not None:
            return Actor("token", str(self.token_id), self.name, str(self.user_id))
        return Actor("user", str(self.user_id), self.name)

    def role_in(self, workspace_id: UUID) -> Role:
        """Raises NotFound: a workspace of others looks like none."""
        membership = self.memberships.get(workspace_id)
        if membership is None:
            raise NotFound("There is no such workspace.")
        return membership.role

    def may(self, workspace_id: UUID, needed: Permission) -> bool:
        """Whether the role allows it. Raises NotFound."""
        return self.role_in(workspace_id) in ALLOWED[needed]

    def check(self, workspace_id: UUID, needed: Permission) -> Role:
        """The role, if it allows what is needed. Raises NotFound, Forbidden."""
        role = self.role_in(workspace_id)
        if role not in ALLOWED[needed]:
            raise Forbidden(f"The role {role} may not do this.")
        return role
