"""The media and profile roles on a stage: an emulator of Meta, a store in a folder, channels."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import uuid_utils.compat as uuids
from aiohttp.abc import AbstractResolver, ResolveResult
from pydantic import SecretStr
from typing_extensions import override

from adapter.channels import Channels, Credential
from adapter.media.avatars import Avatars
from adapter.media.copying import Copier
from adapter.media.handler import MediaHandler
from adapter.media.limits import META, WHATSAPP, Limits
from adapter.media.links import CdnLinks, WhatsAppLinks
from adapter.profiles import INSTAGRAM, MESSENGER, ProfileHandler
from bus.ports import Delivered
from contracts import batch, subjects
from contracts.commands import FetchMedia, FetchProfile, MediaCommand, ProfileCommand
from contracts.events import MediaResultEvent, ProfileResultEvent
from contracts.parts import Alias, Media
from contracts.records import ChannelRecord, channel_key
from filestore.opening import open_store
from filestore.store import FileStore
from metagraph.budget import ErrorBudget
from metagraph.download import Downloader
from metagraph.emulator.app import Emulator
from metagraph.emulator.script import fault
from metagraph.emulator.settings import EmulatorSettings, StatusPlan
from metagraph.graph import GraphClient
from vault.keyring import KeyRing
from vault.seal import Place, seal

ACCOUNT = "1001"
TOKEN = "EAAG-token"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c4944415408d763606060000000040001f61738550000000049454e44ae426082"
)
WORKSPACE = UUID("0190b6ad-0000-7000-8000-000000000001")


class Names(AbstractResolver):
    """Every name leads to one address."""

    def __init__(self, address: str) -> None:
        self._address = address

    @override
    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host,
                host=self._address,
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=0,
            )
        ]

    @override
    async def close(self) -> None:
        pass


def new_emulator() -> Emulator:
    return Emulator(
        EmulatorSettings(
            meta_app_secrets=(SecretStr("app secret"),), emulator_statuses=StatusPlan(names=())
        )
    )


def media_command(
    media: Media,
    channel: str = "whatsapp",
    *,
    age: timedelta = timedelta(),
    lives: timedelta = timedelta(days=7),
    attempt: int = 1,
) -> MediaCommand:
    made = datetime.now(UTC) - age
    message = uuids.uuid7()
    return MediaCommand(
        id=f"media.{message}.0.{attempt}",
        time=made,
        channel=channel,
        account=ACCOUNT,
        data=FetchMedia(
            workspace_id=WORKSPACE,
            channel_id=WORKSPACE,
            message_id=message,
            part=0,
            attempt=attempt,
            media=media,
            not_after=made + lives,
        ),
    )


def profile_command(
    person: str, channel: str = "messenger", *, identity: UUID | None = None
) -> ProfileCommand:
    now = datetime.now(UTC)
    identity = identity or uuids.uuid7()
    kind = {"messenger": "psid", "instagram": "igsid"}.get(channel, "phone")
    return ProfileCommand(
        id=f"profile.{uuids.uuid7()}",
        time=now,
        channel=channel,
        account=ACCOUNT,
        data=FetchProfile(
            workspace_id=WORKSPACE,
            channel_id=WORKSPACE,
            identity_id=identity,
            aliases=(Alias(kind=kind, value=person),),
            not_after=now + timedelta(days=1),
        ),
    )


def delivered(command: MediaCommand | ProfileCommand, deliveries: int = 1) -> Delivered:
    """The message of a command, for a handler that is called by hand."""
    body = batch.pack([batch.encode(command)])
    return Delivered("outbound.x.y", body, "OUTBOUND", 1, command.time, deliveries=deliveries)


@dataclass
class Stage:
    """Handlers made of real parts; what they publish is kept in `published`."""

    emulator: Emulator
    session: aiohttp.ClientSession
    folder: Path
    downloader: Downloader
    ring: KeyRing = field(default_factory=lambda: KeyRing.new("channels", "test"))
    published: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.store: FileStore = open_store(str(self.folder))
        self.channels = Channels(self.ring, subjects_types())
        self.graph = GraphClient(
            self.session, origin=self.emulator.url, allowed=[self.emulator.url], timeout_s=2
        )

    def file(self, content: bytes = PNG, mime_type: str = "image/png") -> str:
        """A file Meta holds; its id."""
        return self.emulator.files.put(content, mime_type).id

    def cdn(self, number: str) -> str:
        return f"{self.emulator.url}/_cdn/{number}"

    def befall(self, kind: str, **fields: Any) -> None:
        """What the next calls of a kind come to, as in metagraph.emulator.script."""
        self.emulator.script.add([fault(match={"type": kind}, **fields)])

    async def channel(self, channel: str = "whatsapp", **fields: Any) -> None:
        """The channel's record, as if it had come over the bucket."""
        key, record = self.record(channel, **fields)
        await self.channels.changed(key, record)

    def record(self, channel: str = "whatsapp", **fields: Any) -> tuple[str, bytes]:
        place = Place(WORKSPACE, "channels", WORKSPACE, "secret")
        values: Mapping[str, Any] = {
            "id": WORKSPACE,
            "workspace_id": WORKSPACE,
            "type": channel,
            "account": ACCOUNT,
            "enabled": True,
            "secret": seal(self.ring, TOKEN, place),
            "version": 1,
            **fields,
        }
        return channel_key(channel, ACCOUNT), ChannelRecord(**values).model_dump_json().encode()

    def media(self, channel: str = "whatsapp", **parts: Any) -> MediaHandler:
        """A handler; `parts` replace its own: limits, budget, downloader, publish."""
        whatsapp = channel == "whatsapp"
        limits: Limits = parts.get("limits", WHATSAPP if whatsapp else META)
        budget = parts.get("budget", ErrorBudget())
        return MediaHandler(
            WhatsAppLinks(self.graph, budget) if whatsapp else CdnLinks(),
            Copier(parts.get("downloader", self.downloader), self.store, limits),
            self.channels,
            parts.get("publish", self.publish),
            lambda: datetime.now(UTC),
        )

    def profiles(self, monotonic: Any = None) -> ProfileHandler:
        def graph_of(_: Credential) -> GraphClient:
            return self.graph

        return ProfileHandler(
            {"messenger": MESSENGER, "instagram": INSTAGRAM},
            graph_of,
            Avatars(self.downloader, self.store),
            self.channels,
            self.publish,
            lambda: datetime.now(UTC),
            **({"monotonic": monotonic} if monotonic else {}),
        )

    async def publish(self, event: bytes) -> None:
        self.published.append(event)

    def media_results(self) -> list[MediaResultEvent]:
        events = [event_of(one) for one in self.published]
        return [event for event in events if isinstance(event, MediaResultEvent)]

    def profile_results(self) -> list[ProfileResultEvent]:
        events = [event_of(one) for one in self.published]
        return [event for event in events if isinstance(event, ProfileResultEvent)]

    def stored(self) -> list[Path]:
        """Every file in the store's folder, unfinished ones too."""
        return [path for path in self.folder.rglob("*") if path.is_file()]


def event_of(encoded: bytes) -> Any:
    return batch.decode_event(batch.unpack(batch.pack([encoded]))[0])


def subjects_types() -> set[str]:
    """The channel types that have commands at all."""
    return {row.name.partition("-")[0] for row in subjects.CONSUMERS if row.stream == "OUTBOUND"}
