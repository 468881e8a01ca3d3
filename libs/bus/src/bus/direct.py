"""Reads stored messages without a consumer: JetStream's batched direct get.

Used by `Bus.read`, buckets, retention and replay. The streams of the table allow it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from nats.aio.msg import Msg

from bus.api import TIMEOUT_S, moment
from bus.errors import Permanent, Unavailable
from bus.ports import Stored
from bus.replies import NO_RESPONDERS, SEQUENCE, STATUS, Replies

MAX_BATCH = 1000
"""The server answers no more at once."""
END = "204"
NOT_FOUND = "404"

_OWN = frozenset(
    {
        "Nats-Stream",
        "Nats-Subject",
        SEQUENCE,
        "Nats-Time-Stamp",
        "Nats-Num-Pending",
        "Nats-Last-Sequence",
        "Nats-UpTo-Sequence",
    }
)
"""Headers the server adds; the rest are the publisher's."""


async def read(
    replies: Replies, stream: str, subject: str, after: int, limit: int, max_bytes: int
) -> Sequence[Stored]:
    """Up to `limit` messages of `subject` past sequence `after`; at least one if there is any.

    Raises Unavailable or Ambiguous.
    """
    question = {"seq": after + 1, "next_by_subj": subject, "max_bytes": max_bytes}
    return await _ask(replies, stream, {**question, "batch": min(limit, MAX_BATCH)})


async def first_since(replies: Replies, stream: str, subject: str, since: datetime) -> int | None:
    """The sequence of the first message stored at or after a moment; None: there is none."""
    found = await _ask(
        replies,
        stream,
        {"start_time": since.isoformat(), "next_by_subj": subject, "batch": 1},
    )
    return found[0].sequence if found else None


async def _ask(replies: Replies, stream: str, question: dict[str, Any]) -> Sequence[Stored]:
    answers = await replies.collect(
        f"$JS.API.DIRECT.GET.{stream}", orjson.dumps(question), timeout_s=TIMEOUT_S
    )
    *messages, last = answers
    headers: Mapping[str, str] = last.headers or {}
    status = headers.get(STATUS, "")
    if status == NO_RESPONDERS:
        raise Unavailable(f"stream {stream} is not there, or allows no direct reads")
    if status not in (END, NOT_FOUND):
        raise Permanent(f"direct read of {stream}: {status} {headers.get('Description', '')}")
    return [_stored(message, stream) for message in messages]


def _stored(message: Msg, stream: str) -> Stored:
    headers = message.headers or {}
    return Stored(
        subject=headers["Nats-Subject"],
        body=message.data,
        stream=stream,
        sequence=int(headers[SEQUENCE]),
        at=moment(headers["Nats-Time-Stamp"]),
        headers={name: value for name, value in headers.items() if name not in _OWN},
    )
