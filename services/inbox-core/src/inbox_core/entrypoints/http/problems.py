"""Problems: every refusal as RFC 9457 `application/problem+json`, from one table.

A use case raises what it means (domain/errors.py, app/access.py), parsing raises Problem; the
table says which status that is. Called by the pipeline and the error rim.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import orjson
from pydantic import BaseModel, Field

from inbox_core.app.access import AccessError, TooManyRequests
from inbox_core.app.views import ChannelView, ContactView, ConversationView
from inbox_core.domain.errors import ChannelRefused, DomainError, InvalidTransition, NotSendable


@dataclass(frozen=True, slots=True)
class Kind:
    """The status and the title, which is the same sentence every time."""

    status: int
    title: str


KINDS: Mapping[str, Kind] = {
    # the request itself
    "malformed_json": Kind(400, "The body is not JSON as we take it"),
    "invalid_cursor": Kind(400, "The cursor is not one of this list"),
    "not_found": Kind(404, "There is no such thing here"),
    "method_not_allowed": Kind(405, "This address has no such method"),
    "body_too_slow": Kind(408, "The body did not come in time"),
    "body_too_large": Kind(413, "The body is too large"),
    "unsupported_media_type": Kind(415, "The body is not application/json"),
    "invalid_request": Kind(422, "A value is not acceptable"),
    "bad_request": Kind(400, "The request cannot be understood"),
    # who asks
    "unauthenticated": Kind(401, "Log in first"),
    "bad_credentials": Kind(401, "Email and password do not match"),
    "csrf": Kind(403, "The request did not come from our own page"),
    "forbidden": Kind(403, "Your role does not allow this"),
    "too_many_requests": Kind(429, "Too many requests"),
    # what the state does not allow
    "invalid_transition": Kind(409, "The status cannot change like that"),
    "live_conversation_exists": Kind(409, "The contact has a live conversation"),
    "not_sendable": Kind(409, "The message cannot be sent"),
    "contact_blocked": Kind(409, "The contact is blocked"),
    "window_closed": Kind(409, "The customer cannot be answered now"),
    "not_supported": Kind(409, "The channel cannot do this"),
    "not_retryable": Kind(409, "The message cannot be sent again"),
    "channel_refused": Kind(422, "The platform does not take the channel"),
    "file_refused": Kind(422, "The file cannot be taken"),
    "range_not_satisfiable": Kind(416, "The range begins behind the end"),
    "gone": Kind(410, "It was here, and was deleted"),
    "account_taken": Kind(409, "The account is connected already"),
    "version_mismatch": Kind(412, "It changed since you looked"),
    "precondition_required": Kind(428, "Say which version you change: If-Match is missing"),
    # repeats
    "request_in_flight": Kind(409, "The same request is being carried out"),
    "idempotency_key_reused": Kind(422, "The Idempotency-Key was used for another request"),
    # ourselves
    "busy": Kind(503, "Too busy"),
    "unavailable": Kind(503, "Not available for a moment"),
    "internal": Kind(500, "A fault of ours"),
}
BY_STATUS: Mapping[int, str] = {
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
}
"""What the HTTP library refuses by itself."""

HEADERS: Mapping[int, Mapping[str, str]] = {
    401: {"WWW-Authenticate": 'Bearer realm="sluice"'},
    503: {"Retry-After": "1"},
}
"""What a status is told along with."""
MEDIA_TYPE = "application/problem+json"
TYPE = "urn:sluice:problem:"


class FieldError(BaseModel):
    """One value that was refused: `pointer` into the body, or the `parameter`'s name."""

    pointer: str | None = None
    parameter: str | None = None
    code: str
    detail: str


class ProblemBody(BaseModel):
    """RFC 9457, with a stable `code`; `current` is what the refused change was about, as it is."""

    type: str
    title: str
    status: int
    code: str
    detail: str | None = None
    instance: str
    request_id: str
    errors: list[FieldError] | None = None
    allowed: list[str] | None = Field(default=None, description="The steps there are instead.")
    current: ConversationView | ChannelView | ContactView | None = None


class Problem(Exception):
    """A refusal by its code in KINDS."""

    def __init__(
        self,
        code: str,
        detail: str | None = None,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        allowed: Sequence[str] = (),
        current: ConversationView | ChannelView | ContactView | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}
        self.allowed = allowed
        self.current = current

    @property
    def kind(self) -> Kind:
        return KINDS[self.code]

    def body(self, path: str, request_id: str) -> bytes:
        """As it goes on the wire."""
        told = ProblemBody(
            type=TYPE + self.code,
            title=self.kind.title,
            status=self.kind.status,
            code=self.code,
            detail=self.detail,
            instance=path,
            request_id=request_id,
            errors=list(self.errors) or None,
            allowed=list(self.allowed) or None,
            current=self.current,
        )
        shown = told.model_dump(mode="json", exclude={"current"}, exclude_none=True)
        if self.current is not None:  # whole, its nulls included: the same object as anywhere
            shown["current"] = self.current.model_dump(mode="json")
        return orjson.dumps(shown)


class Refused(Exception):
    """A use case's refusal, with the thing it was about as it is now."""

    def __init__(
        self, error: DomainError, current: ConversationView | ChannelView | ContactView
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.current = current


def problem_of(error: DomainError | AccessError | Refused) -> Problem:
    """What somebody is told of a refusal."""
    if isinstance(error, Refused):
        problem = problem_of(error.error)
        problem.current = error.current
        return problem
    problem = Problem(error.code, str(error))
    if isinstance(error, NotSendable | ChannelRefused) and error.pointer:
        detail = str(error)
        problem.errors = [FieldError(pointer=error.pointer, code=error.code, detail=detail)]
    if isinstance(error, InvalidTransition):
        problem.allowed = error.allowed
    if isinstance(error, TooManyRequests):
        problem.headers = {"Retry-After": str(ceil(error.retry_after_s))}
    else:
        problem.headers = HEADERS.get(problem.kind.status, {})
    return problem
