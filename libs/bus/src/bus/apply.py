"""`sluice bus apply` and the check at every start: the server against contracts.subjects.

Plain JSON requests: each desired field is written here once, and only these are compared, so a
newer server's additional fields are no drift.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bus.api import Api, ApiError, Missing
from bus.errors import Drift
from contracts.subjects import BUCKETS, CONSUMERS, STREAMS, Bucket, Consumer, Stream

NANO = 1_000_000_000


@dataclass(frozen=True)
class Wanted:
    """A stream or a consumer as it shall be. `name` reads `stream X` or `consumer Y on X`."""

    name: str
    info: str
    create: str
    update: str
    config: dict[str, Any]
    stream: str


def stream_config(stream: Stream, replicas: int) -> dict[str, Any]:
    """A stream of the table as JetStream's JSON."""
    return {
        "name": stream.name,
        "subjects": list(stream.subjects),
        "retention": stream.retention,
        "discard": stream.discard,
        "storage": "file",
        "max_bytes": stream.max_bytes,
        "max_age": stream.max_age_s * NANO,
        "duplicate_window": stream.duplicate_window_s * NANO,
        "num_replicas": replicas,
        "allow_direct": True,
    }


def bucket_config(bucket: Bucket, replicas: int) -> dict[str, Any]:
    """A bucket of the table as the stream beneath it, as every NATS client makes it."""
    window = min(120, bucket.ttl_s) if bucket.ttl_s else 120
    return {
        "name": f"KV_{bucket.name}",
        "subjects": [f"$KV.{bucket.name}.>"],
        "retention": "limits",
        "discard": bucket.discard,
        "storage": "file",
        "max_bytes": bucket.max_bytes,
        "max_age": bucket.ttl_s * NANO,
        "max_msgs_per_subject": bucket.history,
        "duplicate_window": window * NANO,
        "num_replicas": replicas,
        "allow_direct": True,
        "allow_rollup_hdrs": True,
        "deny_delete": True,
    }


def consumer_config(consumer: Consumer) -> dict[str, Any]:
    """A consumer of the table: pulled, acknowledged one by one, redelivered without end."""
    config: dict[str, Any] = {
        "name": consumer.name,
        "durable_name": consumer.name,
        "deliver_policy": "all",
        "ack_policy": "explicit",
        "ack_wait": consumer.ack_wait_s * NANO,
        "max_deliver": -1,
        "max_ack_pending": consumer.max_ack_pending,
    }
    if len(consumer.filters) == 1:
        return {**config, "filter_subject": consumer.filters[0]}
    return {**config, "filter_subjects": list(consumer.filters)}


def wanted(
    replicas: int,
    streams: Iterable[Stream] = STREAMS,
    consumers: Iterable[Consumer] = CONSUMERS,
    buckets: Iterable[Bucket] = BUCKETS,
) -> Iterator[Wanted]:
    """The whole table, streams before their consumers."""
    configs = [stream_config(stream, replicas) for stream in streams]
    configs += [bucket_config(bucket, replicas) for bucket in buckets]
    for config in configs:
        name = config["name"]
        yield Wanted(
            f"stream {name}",
            f"STREAM.INFO.{name}",
            f"STREAM.CREATE.{name}",
            f"STREAM.UPDATE.{name}",
            config,
            name,
        )
    for consumer in consumers:
        create = f"CONSUMER.CREATE.{consumer.stream}.{consumer.name}"
        yield Wanted(
            f"consumer {consumer.name} of {consumer.stream}",
            f"CONSUMER.INFO.{consumer.stream}.{consumer.name}",
            create,
            create,
            consumer_config(consumer),
            consumer.stream,
        )


async def apply(api: Api, wishes: Iterable[Wanted]) -> list[str]:
    """Make and update; the answer says what was done, in words; empty: nothing to do.

    Raises Drift naming what JetStream will not change, after everything else was done.
    """
    done: list[str] = []
    refused: list[str] = []
    for wish in wishes:
        try:
            have = (await api.call(wish.info))["config"]
        except Missing:
            await api.call(wish.create, _body(wish, "create"))
            done.append(f"{wish.name}: made")
            continue
        changes = _differences(wish, have)
        if not changes:
            continue
        try:
            await api.call(wish.update, _body(wish, "update", have))
        except ApiError as error:
            refused.extend(f"{change}; refused: {error}" for change in changes)
        else:
            done.extend(f"{change}: changed" for change in changes)
    if refused:
        raise Drift("; ".join(refused))
    return done


async def differences(api: Api, wishes: Iterable[Wanted]) -> list[str]:
    """What differs, one sentence each; empty: the server is as the table says."""
    found: list[str] = []
    for wish in wishes:
        try:
            have = (await api.call(wish.info))["config"]
        except Missing:
            found.append(f"{wish.name} is missing")
        else:
            found.extend(_differences(wish, have))
    return found


def _differences(wish: Wanted, have: dict[str, Any]) -> list[str]:
    return [
        f"{wish.name}: {field} is {have.get(field)!r}, wanted {value!r}"
        for field, value in wish.config.items()
        if have.get(field, _absent(value)) != value
    ]


def _absent(value: Any) -> Any:
    """What a field left out of the server's answer stands for: the zero of its kind."""
    return type(value)()


def _body(wish: Wanted, action: str, have: dict[str, Any] | None = None) -> dict[str, Any]:
    """An update keeps the server's other fields: leaving one out would reset it."""
    config = {**(have or {}), **wish.config}
    if "durable_name" not in wish.config:
        return config
    return {"stream_name": wish.stream, "config": config, "action": action}
