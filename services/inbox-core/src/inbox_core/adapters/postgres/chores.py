"""The chores' part of a unit of work: app.chores_port.Chores over asyncpg. Mixed into it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy

from inbox_core.adapters.postgres import mapping
from inbox_core.adapters.postgres.queries import SQL, fetch
from inbox_core.adapters.postgres.values import pairs, text
from inbox_core.app.chores_port import Key, Pulse, RipeEcho, Wish
from inbox_core.app.plan import UnsupportedItem
from inbox_core.domain.files import File

HOUR = timedelta(hours=1)


class PostgresChores:
    """Nothing is asked for an empty set of keys."""

    _connection: PoolConnectionProxy

    async def ripe_echoes(self, now: datetime, limit: int) -> Sequence[RipeEcho]:
        rows = await fetch(SQL.ripe_echoes(self._connection, now=now, most=limit))
        return [RipeEcho((row["workspace_id"], row["channel_id"]), row["event"]) for row in rows]

    async def due_files(self, now: datetime, limit: int) -> Sequence[File]:
        rows = await fetch(SQL.due_files(self._connection, now=now, most=limit))
        return [mapping.file(row) for row in rows]

    async def forget_files(self, files: Collection[Key]) -> None:
        if files:
            await SQL.forget_files(self._connection, **pairs(files))

    async def forget_ips(self, before: datetime, limit: int) -> int:
        return len(await fetch(SQL.forget_ips(self._connection, before=before, most=limit)))

    async def unsupported_items(
        self, wish: Wish, after: tuple[datetime, str] | None, limit: int
    ) -> Sequence[UnsupportedItem]:
        prefix = wish.kind.removesuffix("*") if wish.kind.endswith("*") else None
        rows = await fetch(
            SQL.unsupported_items(
                self._connection,
                kind=wish.kind,
                prefix=prefix,
                since=wish.since,
                channel_type=wish.channel_type,
                after_at=after[0] if after else None,
                after_id=after[1] if after else None,
                most=limit,
            )
        )
        return [mapping.item(row) for row in rows]

    async def note_events(
        self, seen: Mapping[Key, tuple[int, datetime]], hour: datetime
    ) -> Collection[Key]:
        if not seen:
            return ()
        await fetch(SQL.lock_channels(self._connection, **pairs(seen)))
        silent = await fetch(SQL.silent_among(self._connection, **pairs(seen)))
        ats = [at for _, at in seen.values()]
        counts = [count for count, _ in seen.values()]
        await SQL.note_last_events(self._connection, **pairs(seen), ats=ats)
        await SQL.note_hours(self._connection, **pairs(seen), counts=counts, hour=hour)
        return [(row["workspace_id"], row["channel_id"]) for row in silent]

    async def note_failures(self, failures: Mapping[tuple[Key, str], int], hour: datetime) -> None:
        if not failures:
            return
        await SQL.note_failures(
            self._connection,
            **pairs([key for key, _ in failures]),
            kinds=[text(kind) for _, kind in failures],
            counts=list(failures.values()),
            hour=hour,
        )

    async def pulses(self, since: datetime, until: datetime) -> Sequence[Pulse]:
        by_channel: dict[UUID, list[Record]] = defaultdict(list)
        for row in await fetch(SQL.busy_hours(self._connection, since=since, until=until)):
            by_channel[row["channel_id"]].append(row)
        return [_pulse(rows, since, until) for rows in by_channel.values()]

    async def fall_silent(self, channels: Collection[Key], now: datetime) -> Collection[Key]:
        if not channels:
            return ()
        await fetch(SQL.lock_channels(self._connection, **pairs(channels)))
        rows = await fetch(SQL.fall_silent(self._connection, **pairs(channels), now=now))
        return [(row["workspace_id"], row["channel_id"]) for row in rows]

    async def silent_channels(self) -> int:
        return int(await SQL.silent_channels(self._connection))

    async def trim_book(self, before: datetime) -> None:
        await SQL.trim_hours(self._connection, before=before)
        await SQL.trim_errors(self._connection, before=before)


def _pulse(rows: Sequence[Record], since: datetime, until: datetime) -> Pulse:
    events = {row["hour"]: row["events"] for row in rows}
    hours = [since + HOUR * number for number in range(int((until - since) / HOUR))]
    first = rows[0]
    return Pulse(
        channel=(first["workspace_id"], first["channel_id"]),
        last_event_at=first["last_event_at"],
        silent_since=first["silent_since"],
        hours=tuple(events.get(hour, 0) for hour in hours),
    )
