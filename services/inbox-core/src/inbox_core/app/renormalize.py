"""Renormalize: raw items nobody understood are sent to their adapters anew, after an upgrade.

Each is a command in the outbox; the adapter answers with the item's event, of the same id, and
app.supersede puts it in the place of the unsupported row. Called by `sluice renormalize`.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from contracts import subjects
from contracts.batch import encode, pack
from contracts.commands import Normalize, NormalizeCommand
from inbox_core.app.chores_port import Wish
from inbox_core.app.plan import OutboxRow, Plan, UnsupportedItem, new_id
from inbox_core.app.ports import Channel, Store
from inbox_core.domain.actors import WORKER

PAGE = 50
"""Items a transaction; a raw item may have megabytes."""

Place = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Asked:
    """`count` items of a page, and where the next begins; None: that was the last."""

    count: int
    next: Place | None


async def renormalize(store: Store, wish: Wish, now: datetime, *, dry_run: bool = False) -> int:
    """Ask for everything wished; how many items. Asking twice does no harm."""
    total, after = 0, None
    while True:
        page = await ask_page(store, wish, after, now, dry_run=dry_run)
        total += page.count
        if page.next is None:
            return total
        after = page.next


async def ask_page(
    store: Store, wish: Wish, after: Place | None, now: datetime, *, dry_run: bool
) -> Asked:
    """One transaction's worth of items."""
    async with store.begin() as uow:
        items = await uow.unsupported_items(wish, after, PAGE)
        if items and not dry_run:
            channels = await uow.channels({(row.workspace_id, row.channel_id) for row in items})
            plan = Plan(now, WORKER)
            plan.outbox = [_ask(item, channels[item.channel_id], now) for item in items]
            await uow.write(plan)
    last = items[-1] if len(items) == PAGE else None
    return Asked(len(items), (last.received_at, last.event_id) if last else None)


def _ask(item: UnsupportedItem, channel: Channel, now: datetime) -> OutboxRow:
    digest = hashlib.sha256(item.event_id.encode()).hexdigest()[:32]
    command = NormalizeCommand(
        id=f"normalize:{digest}:{int(now.timestamp())}",
        time=now,
        channel=channel.type,
        account=channel.account,
        data=Normalize(
            event_id=item.event_id,
            kind=item.kind,
            raw=item.raw,
            beside=item.beside,
            received_at=item.received_at,
        ),
    )
    subject = subjects.outbound(channel.type, "normalize")
    return OutboxRow(new_id(), item.workspace_id, subject, pack([encode(command)]))
