"""The channels of this gateway with their sites, by the word that stands in the page.

A view over adapter.channels. A record whose site does not parse is treated as not there, like one
whose secret does not open. One that vanishes without having been switched off is soon back: the
bucket is being made anew, and no visitor need notice.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from prometheus_client import Counter

from adapter.channels import Channels, Credential
from widget_gateway.site.config import NotASite, Site, parse

CHANNEL = "widget"
"""The channel type."""
BACK_S = 60.0
"""How long a channel outlives its record; inbox-core fills a bucket within half of that."""

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
        self._vanished: dict[str, tuple[Channel, asyncio.TimerHandle]] = {}
        self._gone: list[Callable[[UUID], None]] = []
        records.on_change(self._changed)

    def find(self, account: str) -> Channel | None:
        """None: unknown, switched off, or its record cannot be used."""
        record = self._records.credential(CHANNEL, account)
        if record is None:
            return self._outliving(account)
        known = self._read.get(account)
        if known is None or known[0] is not record:
            known = self._read[account] = record, _read(record)
        return known[1]

    def on_gone(self, tell: Callable[[UUID], None]) -> None:
        """Call `tell(channel id)` when a channel is switched off, deleted, or made unreadable."""
        self._gone.append(tell)

    def close(self) -> None:
        """Tell nobody anything any more."""
        for _, timer in self._vanished.values():
            timer.cancel()
        self._vanished.clear()

    def _outliving(self, account: str) -> Channel | None:
        """A channel whose record vanished just now."""
        if self._records.recorded(CHANNEL, account) or account not in self._vanished:
            return None
        return self._vanished[account][0]

    def _changed(self, before: Credential | None, now: Credential | None) -> None:
        if now is not None and now.account in self._vanished:
            self._vanished.pop(now.account)[1].cancel()
            before = before or now
        if before is None:
            return
        _, channel = self._read.pop(before.account, (None, None))
        if now is None and not self._records.recorded(CHANNEL, before.account):
            self._vanish(channel or _read(before))
        elif self.find(before.account) is None:
            self._tell_gone(before.channel_id)

    def _vanish(self, channel: Channel | None) -> None:
        if channel is not None:
            timer = asyncio.get_running_loop().call_later(BACK_S, self._give_up, channel)
            self._vanished[channel.account] = channel, timer

    def _give_up(self, channel: Channel) -> None:
        del self._vanished[channel.account]
        self._tell_gone(channel.id)

    def _tell_gone(self, channel_id: UUID) -> None:
        for tell in self._gone:
            tell(channel_id)


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
