"""The channels of this gateway with their sites, by the word that stands in the page.

A view over adapter.channels. A record whose site does not parse is treated as not there, like one
whose secret does not open.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from prometheus_client import Counter

from adapter.channels import Channels, Credential
from widget_gateway.site.config import NotASite, Site, parse

CHANNEL = "widget"
"""The channel type."""

REFUSED = Counter("sluice_widget_sites_refused_total", "Channels whose site cannot be read")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Channel:
    """`account` is the public word, `secret` what the site signs proofs of identity with."""

    id: UUID
    workspace_id: UUID
    account: str
    site: Site
    secret: str = field(repr=False)


class Directory:
    """Who stands where. A site is read once, when it is first asked for after a change."""

    def __init__(self, records: Channels) -> None:
        self._records = records
        self._read: dict[str, tuple[Credential, Channel | None]] = {}
        self._gone: list[Callable[[UUID], None]] = []
        records.on_change(self._changed)

    def find(self, account: str) -> Channel | None:
        """None: unknown, switched off, or its record cannot be used."""
        record = self._records.credential(CHANNEL, account)
        if record is None:
            return None
        known = self._read.get(account)
        if known is None or known[0] is not record:
            known = self._read[account] = record, _read(record)
        return known[1]

    def on_gone(self, tell: Callable[[UUID], None]) -> None:
        """Call `tell(channel id)` when a channel is switched off, deleted, or made unreadable."""
        self._gone.append(tell)

    def _changed(self, before: Credential | None, now: Credential | None) -> None:
        if before is None:
            return
        self._read.pop(before.account, None)
        if now is None or self.find(before.account) is None:
            for tell in self._gone:
                tell(before.channel_id)


def _read(record: Credential) -> Channel | None:
    try:
        site = parse(record.config)
    except NotASite:
        REFUSED.inc()
        log.warning("site_refused", channel_id=str(record.channel_id))
        return None
    return Channel(
        id=record.channel_id,
        workspace_id=record.workspace_id,
        account=record.account,
        site=site,
        secret=record.token,
    )
