"""Rows to domain objects: the only place that knows both. Called by unit_of_work and reading."""

from asyncpg import Record

from inbox_core.app.capabilities import Book
from inbox_core.app.plan import UnsupportedItem
from inbox_core.app.ports import Channel
from inbox_core.domain.conversation import Conversation
from inbox_core.domain.delivery import Delivery, Priority, Rank, Stage
from inbox_core.domain.files import File
from inbox_core.domain.identity import AliasKey, Contact, Identity
from inbox_core.domain.message import Message
from inbox_core.domain.references import Reference, RefKey
from inbox_core.domain.source import Source
from inbox_core.domain.status import Status


def channel(row: Record, book: Book) -> Channel:
    return Channel(**row, can=book.of(row["type"]))


def alias_key(row: Record) -> AliasKey:
    return AliasKey(row["workspace_id"], row["channel_id"], row["kind"], row["value"])


def reference(row: Record) -> Reference:
    return Reference(
        key=RefKey(row["workspace_id"], row["channel_id"], row["provider_id"]),
        message_id=row["message_id"],
        attempt=row["attempt"],
        part=row["part"],
        held=row["held"],
        echo_until=row["echo_until"],
    )


def identity(row: Record) -> Identity:
    return Identity(**row)


def contact(row: Record) -> Contact:
    return Contact(**row)


def conversation(row: Record) -> Conversation:
    values = dict(row)
    return Conversation(**{**values, "status": Status(values["status"])})


def message(row: Record) -> Message:
    return Message(**row)


def source(row: Record) -> Source:
    return Source(**row)


def file(row: Record) -> File:
    return File(**row)


def item(row: Record) -> UnsupportedItem:
    return UnsupportedItem(**row)


def delivery(row: Record) -> Delivery:
    values = dict(row)
    values["rank"] = Rank(values["rank"])
    values["implied"] = Rank(values["implied"])
    values["shown"] = Rank(values["shown"])
    values["stage"] = Stage(values["stage"])
    values["priority"] = Priority(values["priority"])
    return Delivery(**values)
