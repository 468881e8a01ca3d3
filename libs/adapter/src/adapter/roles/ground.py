"""What every role stands on: the bus, and, for roles that speak for accounts, their credentials."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from pydantic import SecretStr

from adapter.channels import BUCKET, Channels
from bus.batching import Batcher
from bus.commanding import C, CommandConsumer, Handle
from bus.dead import DeadLetters
from bus.jetstream import connect
from bus.ports import Bus
from chassis.lifecycle import Lifecycle
from contracts import subjects
from contracts.subjects import Job
from filestore.opening import open_store
from filestore.store import FileStore
from metagraph.graph import TIMEOUT_S
from vault.keyring import KeyRing

STOP_S = {"send": TIMEOUT_S + 5}
"""job → how long a stop waits for what is in hand; what is late goes back and is done again."""
OTHER_STOP_S = 10.0


class GroundSettings(Protocol):
    """What the ground is told: AdapterSettings, or a service's own settings of these names."""

    @property
    def nats_url(self) -> SecretStr: ...
    @property
    def queue_events(self) -> int: ...
    @property
    def queue_bytes(self) -> int: ...


class AccountSettings(Protocol):
    """What speaking for accounts takes: the ring of their credentials, and the files."""

    @property
    def vault_keys_channels(self) -> SecretStr | None: ...
    @property
    def files_url(self) -> str | None: ...
    @property
    def files_options(self) -> Mapping[str, SecretStr]: ...


@dataclass(frozen=True)
class Ground:
    """The process' place on the bus."""

    service: str
    bus: Bus
    batcher: Batcher
    dead: DeadLetters

    async def tell(self, event: bytes) -> None:
        """Publish an encoded event to the results."""
        await self.batcher.publish(subjects.INBOUND_RESULTS, [event])

    async def publish(self, channel: str, event: bytes) -> None:
        """Publish an encoded event as if it had come by webhook."""
        await self.batcher.publish(subjects.inbound(channel), [event])

    async def consume(
        self,
        life: Lifecycle,
        channel: str,
        job: Job,
        kind: type[C],
        handle: Handle[C],
        at_once: int,
    ) -> None:
        """Read a channel type's commands of one job until the process stops."""
        name, stop_s = f"{channel}-{job}", STOP_S.get(job, OTHER_STOP_S)
        reader = CommandConsumer(self.bus, name, kind, handle, self.dead, at_once=at_once)
        await life.start(name, reader.start, lambda _: reader.stop(stop_s), stop_s=stop_s + 1)


@dataclass(frozen=True)
class Accounts:
    """The accounts' credentials, the ring that opens them, and the files sent for them."""

    ring: KeyRing
    channels: Channels
    files: FileStore


async def ground(life: Lifecycle, settings: GroundSettings, service: str) -> Ground:
    """Raises StartFailed, also when the streams have drifted."""
    bus: Bus = await life.start(
        "bus",
        lambda: connect(settings.nats_url.get_secret_value(), name=service),
        lambda bus: bus.close(),
    )
    await life.start("streams", bus.verify)
    batcher = Batcher(
        bus.publisher, queue_events=settings.queue_events, queue_bytes=settings.queue_bytes
    )
    await life.start("batcher", batcher.start, lambda _: batcher.stop())
    return Ground(service, bus, batcher, DeadLetters(bus.publisher, service))


async def accounts(
    life: Lifecycle, settings: AccountSettings, base: Ground, types: Collection[str]
) -> Accounts:
    """Returns when every account's record has been read. Raises StartFailed."""

    async def opened() -> Accounts:
        keys = settings.vault_keys_channels
        ring = KeyRing.parse("channels", keys.get_secret_value() if keys else "")
        options = {name: one.get_secret_value() for name, one in settings.files_options.items()}
        files = open_store(settings.files_url or "", options)
        channels = Channels(ring, types)
        await channels.follow(base.bus.bucket(BUCKET))
        return Accounts(ring, channels, files)

    return await life.start("channels", opened)


def now() -> datetime:
    """The clock of the roles."""
    return datetime.now(UTC)
