"""JetStream's API as JSON requests, and its error codes as our errors.

Used by every module that speaks to a real server. nats-py's managers are not: their `request`
leaks, and they lag behind the server's fields.
"""

from base64 import b64decode
from datetime import datetime
from typing import Any

import orjson

from bus.errors import BusError, Conflict, Permanent, TooLarge, Unavailable
from bus.ports import Stored, StreamState
from bus.replies import Replies

TIMEOUT_S = 5.0

# The server's error codes (errors.json of nats-server 2.15) that mean more than their class.
CONFLICT = frozenset({10071, 10164})  # wrong last sequence
TOO_LARGE = frozenset({10054, 10097})  # message, header exceeds the stream's maximum
UNAVAILABLE = frozenset(
    {
        10023,  # insufficient resources: max_file reached
        10028,  # account limits
        10047,  # insufficient storage
        10077,  # store failed: stream full, discard new
        10008,  # JetStream temporarily unavailable
        10039,  # JetStream not enabled
        10059,  # stream not found
    }
)
REFUSED = frozenset({10012, 10052, 10058})
"""A configuration the server will not make or change, told as a fault of its own."""
DELETE_FAILED = 10057
NO_MESSAGE = ("EOF", "no message found", "deleted message")
"""How the server's store says that there is no such message to delete."""
NOT_THERE = frozenset({10037, 10043, DELETE_FAILED})
"""No such message, or no longer."""
STREAM_NOT_FOUND = 10059
CONSUMER_NOT_FOUND = 10014


class ApiError(Permanent):
    """The server refused a request; `code` is its error code."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Missing(Unavailable):
    """The stream or consumer is not there: `sluice bus apply` has not run, or it was deleted."""


def verdict(error: dict[str, Any]) -> BusError:
    """An error reply of JetStream as one of ours. A refused publish is never stored."""
    code = int(error.get("err_code", 0))
    message = f"JetStream: {error.get('description', 'refused')} ({code})"
    if code in CONFLICT:
        return Conflict(message)
    if code in TOO_LARGE:
        return TooLarge(message)
    absent = code == DELETE_FAILED and any(words in message for words in NO_MESSAGE)
    if absent or code in REFUSED:
        return ApiError(message, code)
    if code in UNAVAILABLE or int(error.get("code", 500)) >= 500:  # noqa: PLR2004 # server faults
        return Unavailable(message)
    return ApiError(message, code)


class Api:
    """`call` asks; the named requests follow."""

    def __init__(self, replies: Replies) -> None:
        self._replies = replies

    async def call(
        self, verb: str, body: dict[str, Any] | None = None, *, timeout_s: float = TIMEOUT_S
    ) -> dict[str, Any]:
        """Ask `$JS.API.<verb>`. Raises Unavailable, Ambiguous, or ApiError with the code."""
        message = await self._replies.ask(
            f"$JS.API.{verb}", orjson.dumps(body) if body else b"", timeout_s=timeout_s
        )
        answer: dict[str, Any] = orjson.loads(message.data)
        if error := answer.get("error"):
            code = int(error.get("err_code", 0))
            if code in (STREAM_NOT_FOUND, CONSUMER_NOT_FOUND):
                raise Missing(f"JetStream: {error.get('description')} ({code})")
            raise verdict(error)
        return answer

    async def stream(self, name: str) -> StreamState:
        """What the stream holds. Raises Unavailable when there is none."""
        answer = await self.call(f"STREAM.INFO.{name}")
        state = answer["state"]
        return StreamState(
            name=name,
            created=moment(answer["created"]),
            first_sequence=state["first_seq"],
            last_sequence=state["last_seq"],
            messages=state["messages"],
            bytes=state["bytes"],
            max_bytes=answer["config"].get("max_bytes", -1),
        )

    async def last(self, stream: str, subject: str) -> Stored | None:
        """The last message of a subject, read from the stream's leader."""
        try:
            answer = await self.call(f"STREAM.MSG.GET.{stream}", {"last_by_subj": subject})
        except ApiError as error:
            if error.code in NOT_THERE:
                return None
            raise
        message = answer["message"]
        return Stored(
            subject=message["subject"],
            body=b64decode(message.get("data", "")),
            stream=stream,
            sequence=message["seq"],
            at=moment(message["time"]),
            headers=_headers(b64decode(message.get("hdrs", ""))),
        )

    async def acknowledged(self, stream: str) -> dict[str, int]:
        """For each durable consumer the sequence up to which it has acknowledged everything."""
        floors: dict[str, int] = {}
        seen = 0
        while True:
            answer = await self.call(f"CONSUMER.LIST.{stream}", {"offset": seen})
            consumers = answer.get("consumers") or []
            for consumer in consumers:
                if consumer["config"].get("durable_name"):
                    floors[consumer["name"]] = consumer["ack_floor"]["stream_seq"]
            seen += len(consumers)
            if not consumers or seen >= answer["total"]:
                return floors


def moment(text: str) -> datetime:
    """The server's RFC 3339 with nanoseconds, cut to microseconds."""
    return datetime.fromisoformat(text)


def _headers(block: bytes) -> dict[str, str]:
    """A raw header block: a version line, then `Name: value` lines."""
    headers: dict[str, str] = {}
    for line in block.decode(errors="replace").split("\r\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip()] = value.strip()
    return headers
