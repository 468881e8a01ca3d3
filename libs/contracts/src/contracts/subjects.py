"""THE table of streams, subjects, consumers and buckets (architecture §3).

`sluice bus apply` makes what stands here, services verify it at start and refuse to run on drift.
Nothing else in the project spells a subject.
"""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Literal
from uuid import UUID

SECOND = 1
HOUR = 3600
DAY = 24 * HOUR
MIB = 1024 * 1024
GIB = 1024 * MIB


@dataclass(frozen=True)
class Stream:
    """A JetStream stream. `max_age_s` 0 is for ever; `duplicate_window_s` for outbox ids."""

    name: str
    subjects: tuple[str, ...]
    retention: Literal["limits", "workqueue"]
    discard: Literal["new", "old"]
    max_bytes: int
    max_age_s: int = 0
    duplicate_window_s: int = 120


@dataclass(frozen=True)
class Consumer:
    """A durable pull consumer. `ack_wait_s` bounds how long a dead reader holds a message."""

    name: str
    stream: str
    filters: tuple[str, ...]
    ack_wait_s: int
    max_ack_pending: int


@dataclass(frozen=True)
class Bucket:
    """A KV bucket; its stream is `KV_<name>`, its subjects `$KV.<name>.>`.

    `discard` old: when it is full the oldest entries go, where losing them early is the lesser
    harm than taking no more.
    """

    name: str
    max_bytes: int
    ttl_s: int = 0
    history: int = 1
    discard: Literal["new", "old"] = "new"


Job = Literal["send", "action", "media", "profile", "normalize"]

JOBS: dict[Job, int] = {
    # job: how long a dead reader holds a command, in seconds
    "send": 30,
    "action": 30,
    "media": 60,
    "profile": 30,
    "normalize": 30,
}
"""What inbox-core asks of adapters; one work queue and one durable consumer a channel type."""
CHANNEL_JOBS: dict[str, tuple[Job, ...]] = {
    "whatsapp": tuple(JOBS),
    "messenger": tuple(JOBS),
    "instagram": tuple(JOBS),
    # Its files come to us first, it knows no profiles, and it has no kinds we do not know.
    "widget": ("send", "action"),
}
PENDING = 4096
"""Commands a consumer may have handed out. Those given back with a delay count: a paused account
must not stop the others. How many are worked on at once is each process' own bound."""

STREAMS: tuple[Stream, ...] = (
    Stream("INBOUND", ("inbound.>",), "limits", "new", 2 * GIB, max_age_s=72 * HOUR),
    Stream("OUTBOUND", ("outbound.>",), "workqueue", "new", 512 * MIB),
    Stream("AI", ("ai.>",), "workqueue", "new", 256 * MIB),
    Stream("CHANGES", ("changes.>",), "limits", "old", 1 * GIB, max_age_s=24 * HOUR),
    Stream("DEAD", ("dead.>",), "limits", "new", 512 * MIB, max_age_s=30 * DAY),
)

CONSUMERS: tuple[Consumer, ...] = (
    Consumer("inbox-core", "INBOUND", ("inbound.>",), ack_wait_s=30, max_ack_pending=512),
    *(
        Consumer(f"{channel}-{job}", "OUTBOUND", (f"outbound.{channel}.{job}",), JOBS[job], PENDING)
        for channel, jobs in CHANNEL_JOBS.items()
        for job in jobs
    ),
)

BUCKETS: tuple[Bucket, ...] = (
    Bucket("channels", 64 * MIB),
    Bucket("capabilities", 8 * MIB),
    # A million sends: the oldest claims are of commands acknowledged long ago.
    Bucket("claims", 1 * GIB, ttl_s=8 * DAY, discard="old"),
    # Platform ids of files that were uploaded; a forgotten one is uploaded again.
    Bucket("uploads", 64 * MIB, ttl_s=25 * DAY, discard="old"),
    Bucket("state", 8 * MIB),
    # Proofs of identity that were used: full, it refuses, for a forgotten one could be replayed.
    # A proof ends ten minutes ahead at the most.
    Bucket("nonces", 64 * MIB, ttl_s=HOUR // 3),
    # Visitors' sessions that were ended before their time; as long as a token may live.
    Bucket("ended-sessions", 64 * MIB, ttl_s=180 * DAY, discard="old"),
)

INBOUND_RESULTS = "inbound.results"
VISITOR_HISTORY = "rpc.inbox-core.visitor.history"
"""What a visitor may see of their own conversations (rpc.py)."""
ATTENDANCE = "attendance"
ATTENDANCE_WANTED = "attendance_wanted"
VISITOR_TYPING = "visitor"
"""Kinds of `signal`: signals.py has their bodies."""


@dataclass(frozen=True)
class Limits:
    """The server's own bounds. `max_payload` carries one whole webhook body at the most."""

    max_payload: int = 8 * MIB
    max_file: int = field(
        default=sum(s.max_bytes for s in STREAMS) + sum(b.max_bytes for b in BUCKETS)
    )


def inbound(channel: str) -> str:
    """Where an adapter of this channel type publishes."""
    return f"inbound.{channel}"


def outbound(channel: str, job: Job) -> str:
    """Where inbox-core asks an adapter of this channel type for a job."""
    return f"outbound.{channel}.{job}"


def changes(workspace: UUID) -> str:
    """What the screens of a workspace read."""
    return f"changes.{workspace}"


def dead(service: str, reason: str) -> str:
    """Where a service lays what it cannot use."""
    return f"dead.{service}.{reason}"


def signal(workspace: UUID, kind: str) -> str:
    """Droppable news on core NATS: typing, presence."""
    return f"signal.{workspace}.{kind}"


def visitor(channel_id: UUID, kind: str, value: str) -> str:
    """Core NATS: live news for one visitor of a channel, for whoever holds a socket of theirs.

    A user's id may be any text: the name is a hash of the alias.
    """
    name = blake2b(f"{kind}:{value}".encode(), digest_size=16).hexdigest()
    return f"visitor.{channel_id}.{name}"


def rpc(service: str, verb: str) -> str:
    """Request and reply on core NATS, answered within two seconds. `service` may have dots."""
    return f"rpc.{service}.{verb}"


def validate(channel: str) -> str:
    """Where the adapter of a channel type checks an account's credential (rpc.py)."""
    return rpc(f"channel.{channel}", "validate")
