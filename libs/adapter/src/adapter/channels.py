"""The accounts this service may send for, mirrored from inbox-core over the bucket `channels`.

A dict in memory, kept current by the bucket's watch, so that sending goes on while inbox-core is
down. Credentials are unsealed once, when a record changes; one that does not open is counted and
leaves its account without credential, which everybody treats as a channel that is not there.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import structlog
from prometheus_client import Counter, Gauge
from pydantic import ValidationError

from bus.ports import Bucket
from contracts.records import ChannelRecord, channel_key
from vault.errors import CannotUnseal
from vault.keyring import KeyRing
from vault.seal import Place, unseal_text

BUCKET = "channels"

KNOWN = Gauge("sluice_channels", "Accounts this service can send for")
REFUSED = Counter("sluice_channel_records_refused_total", "Records without use", ("reason",))

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Credential:
    """What a call needs; `version` and `config` are the record's."""

    token: str = field(repr=False)
    version: int
    workspace_id: UUID
    channel_id: UUID
    account: str
    config: Mapping[str, str] = field(default_factory=dict)


class Channels:
    """The credential of each enabled channel of these types, under the key of its record."""

    def __init__(self, ring: KeyRing, types: Collection[str]) -> None:
        self._ring = ring
        self._types = frozenset(types)
        self._credentials: dict[str, Credential] = {}
        self._recorded: set[str] = set()
        self._tell: list[Callable[[Credential | None, Credential | None], None]] = []

    def on_change(self, tell: Callable[[Credential | None, Credential | None], None]) -> None:
        """Call `tell(before, now)` after an account's record changed; None: not to be used."""
        self._tell.append(tell)

    async def follow(self, bucket: Bucket) -> None:
        """Returns when every record there is has been read, and goes on by itself."""
        await bucket.watch(self.changed)

    def credential(self, channel: str, account: str) -> Credential | None:
        """Of a platform account. None: unknown, switched off, or its secret does not open."""
        return self._credentials.get(channel_key(channel, account))

    def recorded(self, channel: str, account: str) -> bool:
        """Whether there is a record at all, usable or not.

        inbox-core deletes none, so where one was and is not, the bucket is being made anew.
        """
        return channel_key(channel, account) in self._recorded

    async def changed(self, key: str, value: bytes | None) -> None:
        """A record was written, or deleted: the value is None."""
        if key.partition(".")[0] not in self._types:
            return
        before = self._credentials.get(key)
        credential = self._read(value) if value is not None else None
        if value is None:
            self._recorded.discard(key)
        else:
            self._recorded.add(key)
        if credential is None:
            self._credentials.pop(key, None)
        else:
            self._credentials[key] = credential
        KNOWN.set(len(self._credentials))
        for tell in self._tell:
            tell(before, credential)

    def _read(self, value: bytes) -> Credential | None:
        try:
            record = ChannelRecord.model_validate_json(value)
            if not record.enabled:
                return None
            place = Place(record.workspace_id, "channels", record.id, "secret")
            return Credential(
                token=unseal_text(self._ring, record.secret, place),
                version=record.version,
                workspace_id=record.workspace_id,
                channel_id=record.id,
                account=record.account,
                config=record.config,
            )
        except (ValidationError, CannotUnseal) as error:
            reason = type(error).__name__
            REFUSED.labels(reason).inc()
            log.error("channel_record_refused", reason=reason)  # noqa: TRY400 - a trace would quote it
            return None
