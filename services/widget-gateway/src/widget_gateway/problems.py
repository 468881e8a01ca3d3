"""Refusals over HTTP, as RFC 9457 `application/problem+json`, from one table.

A door raises Problem by its code; rim.py writes it. The codes are part of the protocol.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

import orjson


@dataclass(frozen=True, slots=True)
class Kind:
    """The status and the title, which is the same sentence every time."""

    status: int
    title: str


KINDS: Mapping[str, Kind] = {
    # the request
    "malformed": Kind(400, "The body is not what this address takes"),
    "not_found": Kind(404, "There is no such thing here"),
    "method_not_allowed": Kind(405, "This address has no such method"),
    "too_slow": Kind(408, "The body did not come in time"),
    "too_large": Kind(413, "The body is too large"),
    "not_a_websocket": Kind(426, "This address speaks WebSocket only"),
    "too_many_requests": Kind(429, "Too many requests"),
    "file_refused": Kind(422, "The file cannot be taken"),
    "range_not_satisfiable": Kind(416, "The range begins behind the end"),
    "gone": Kind(410, "It was here, and is not any more"),
    # the channel
    "unknown_channel": Kind(404, "There is no such channel, or it is switched off"),
    "foreign_origin": Kind(403, "Pages of this origin may not speak to this channel"),
    # the session
    "session_refused": Kind(401, "This is no session of this channel"),
    "session_expired": Kind(401, "The session is too old"),
    "session_ended": Kind(401, "The session was ended"),
    "identity_refused": Kind(401, "The proof of identity does not hold"),
    "identity_expired": Kind(401, "The proof of identity is too old"),
    "identity_replayed": Kind(401, "The proof of identity was used before"),
    # ourselves
    "unavailable": Kind(503, "Not available for a moment"),
    "busy": Kind(503, "Too busy"),
    "internal": Kind(500, "A fault of ours"),
}
BY_STATUS: Mapping[int, str] = {404: "not_found", 405: "method_not_allowed", 413: "too_large"}
"""What the HTTP library refuses by itself."""
MEDIA_TYPE = "application/problem+json"
TYPE = "urn:sluice:problem:"
LATER_S = 2.0
"""When to come back after a 503 that names no time of its own."""
TOO_BUSY = 503


class Problem(Exception):
    """A refusal by its code in KINDS. `detail`: a sentence for this case, quoting nobody."""

    def __init__(self, code: str, detail: str | None = None, retry_s: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.retry_s = LATER_S if retry_s is None and self.kind.status == TOO_BUSY else retry_s

    @property
    def kind(self) -> Kind:
        return KINDS[self.code]

    @property
    def headers(self) -> dict[str, str]:
        """What goes with the body."""
        found = {"Content-Type": MEDIA_TYPE}
        if self.retry_s is not None:
            found["Retry-After"] = str(max(1, ceil(self.retry_s)))
        return found

    def body(self) -> bytes:
        """As it goes on the wire."""
        kind = self.kind
        told = {
            "type": TYPE + self.code,
            "title": kind.title,
            "status": kind.status,
            "code": self.code,
        }
        return orjson.dumps(told | {"detail": self.detail} if self.detail else told)
