"""The delivering side of an adapter: processes on a rig, against an emulator of Graph.

A `Side` is a channel type as stories need it: WHATSAPP, MESSENGER, INSTAGRAM or, by its own login,
INSTAGRAM_LOGIN.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import uuid4

import aiohttp
from pydantic import SecretStr

from adapter.channels import BUCKET, Channels
from adapter.deliver import uploads
from adapter.deliver.actions import Actions
from adapter.deliver.buckets import Buckets, LocalBuckets
from adapter.deliver.call import Caller
from adapter.deliver.pace import Pace
from adapter.deliver.sender import Sender
from adapter.deliver.uploads import Uploads
from bus.batching import Batcher
from bus.claims import Claims
from bus.commanding import CommandConsumer, Verdict
from bus.dead import DeadLetters
from bus.ports import Bus, Delivered
from contracts import batch, subjects
from contracts.capabilities import Capabilities
from contracts.commands import Action, ActionCommand, CommandId, Send, SendCommand
from contracts.events import ActionResultEvent, SendResultEvent
from contracts.parts import Alias, Media, Part
from contracts.records import ChannelRecord, channel_key
from filestore.opening import open_store
from filestore.store import FileStore
from ingest_meta.channels.instagram import capabilities as instagram
from ingest_meta.channels.instagram.deliver import BY_INSTAGRAM, LOGIN, InstagramCaller
from ingest_meta.channels.messenger import capabilities as messenger
from ingest_meta.channels.messenger.deliver import MessengerCaller
from ingest_whatsapp import capabilities as whatsapp
from ingest_whatsapp.deliver import WhatsAppCaller
from metagraph.emulator.accounts import Account
from metagraph.emulator.app import Emulator
from metagraph.emulator.ledger import Entry
from metagraph.emulator.names import INSTAGRAM as INSTAGRAM_OBJECT
from metagraph.emulator.names import PAGE, Platform
from metagraph.emulator.names import WHATSAPP as WHATSAPP_OBJECT
from metagraph.emulator.script import fault
from metagraph.emulator.settings import EchoPlan, EmulatorSettings, StatusPlan
from metagraph.graph import GraphClient, open_session
from sluice_local.servers.ports import free_port
from support import whatsapp as wa
from support.rigs import ACK_WAIT_S, JetStreamRig, Rig
from support.waiting import until_true
from support.whatsapp_gate import SECRET
from vault.keyring import KeyRing
from vault.seal import Place, seal

CALL_TIMEOUT_S = 1.0
TOKEN = "token"
WORKSPACE, CHANNEL_ID = uuid4(), uuid4()
FILE_KEY = f"{WORKSPACE}/upload/cat"


OBJECTS: Mapping[str, Platform] = {
    "whatsapp": WHATSAPP_OBJECT,
    "messenger": PAGE,
    "instagram": INSTAGRAM_OBJECT,
}
"""channel type → what Meta calls it."""

ActionWord = Literal["react", "unreact", "read", "typing_on", "typing_off"]


@dataclass(frozen=True)
class Side:
    """A channel type: an account and a person of it, and what calls it."""

    can: Capabilities
    account: str
    person: Alias
    caller: Callable[[GraphClient], Caller]
    config: Mapping[str, str] = field(default_factory=dict)

    @property
    def channel(self) -> str:
        return self.can.channel


WHATSAPP = Side(
    whatsapp.CAPABILITIES, wa.ACCOUNT, Alias(kind="phone", value=wa.PERSON), WhatsAppCaller
)
MESSENGER = Side(
    messenger.CAPABILITIES,
    "104857600000001",
    Alias(kind="psid", value="7000000000000001"),
    MessengerCaller,
)
INSTAGRAM = Side(
    instagram.CAPABILITIES,
    "17841400000000001",
    Alias(kind="igsid", value="9000000000000001"),
    lambda graph: InstagramCaller(graph, graph),
)
INSTAGRAM_LOGIN = Side(
    INSTAGRAM.can,
    INSTAGRAM.account,
    INSTAGRAM.person,
    INSTAGRAM.caller,
    {LOGIN: BY_INSTAGRAM},
)


def command(
    part: Part | None = None,
    *,
    side: Side = WHATSAPP,
    to: Sequence[Alias] = (),
    reply_to: str | None = None,
    tag: Literal["human_agent"] | None = None,
    account: str | None = None,
    lives_s: float = 3600,
    age_s: float = 0,
) -> SendCommand:
    """A command made `age_s` ago that may be sent for `lives_s` from then."""
    made = datetime.now(UTC) - timedelta(seconds=age_s)
    return SendCommand(
        id=str(CommandId(uuid4(), 1, 0)),
        time=made,
        channel=side.channel,
        account=account or side.account,
        data=Send(
            workspace_id=WORKSPACE,
            channel_id=CHANNEL_ID,
            conversation_id=uuid4(),
            to=tuple(to) or (side.person,),
            part=part or Part(kind="text", text="Hello"),
            reply_to=reply_to,
            tag=tag,
            not_after=made + timedelta(seconds=lives_s),
        ),
    )


def action(
    word: ActionWord,
    *,
    side: Side = WHATSAPP,
    external_id: str | None = "wamid.THEIRS",
    emoji: str | None = None,
    lives_s: float = 60,
) -> ActionCommand:
    """An action that may be done for `lives_s` from now."""
    made = datetime.now(UTC)
    return ActionCommand(
        id=str(uuid4()),
        time=made,
        channel=side.channel,
        account=side.account,
        data=Action(
            workspace_id=WORKSPACE,
            channel_id=CHANNEL_ID,
            conversation_id=uuid4(),
            to=(side.person,),
            action=word,
            external_id=external_id,
            emoji=emoji,
            not_after=made + timedelta(seconds=lives_s),
        ),
    )


def file_part(kind: str = "image", ref: str = f"file:{FILE_KEY}", **fields: Any) -> Part:
    """A part with a stored file, or with a link."""
    media = {"ref": ref, "mime_type": "image/png", "filename": "cat.png", **fields}
    return Part(kind=kind, media=Media(**media))


def delivered(command: SendCommand | ActionCommand, deliveries: int = 1) -> Delivered:
    """The message of a command, for a handler that is called by hand."""
    body = batch.pack([batch.encode(command)])
    subject = subjects.outbound(command.channel, "send")
    return Delivered(subject, body, "OUTBOUND", 1, command.time, deliveries=deliveries)


def record(
    ring: KeyRing, side: Side, *, token: str = TOKEN, version: int = 1, **fields: Any
) -> bytes:
    """A channel's record as inbox-core mirrors it."""
    place = Place(WORKSPACE, "channels", CHANNEL_ID, "secret")
    return (
        ChannelRecord(
            **{
                "id": CHANNEL_ID,
                "workspace_id": WORKSPACE,
                "type": side.channel,
                "account": side.account,
                "enabled": True,
                "secret": seal(ring, token, place),
                "version": version,
                "config": side.config,
                **fields,
            }
        )
        .model_dump_json()
        .encode()
    )


class Process:
    """One process in the role `deliver`."""

    def __init__(
        self, bus: Bus, graph: GraphClient, ring: KeyRing, side: Side, files: FileStore, owner: str
    ) -> None:
        loop = asyncio.get_running_loop()
        self.bus = bus
        self.batcher = Batcher(bus.publisher)
        self.channels = Channels(ring, {side.channel})
        self.buckets: Buckets = LocalBuckets(loop.time)
        caller, pace = side.caller(graph), Pace(side.can, self.buckets, loop.time)
        claims = Claims(
            bus.bucket("claims"), owner, call_timeout_s=CALL_TIMEOUT_S, ack_wait_s=ACK_WAIT_S
        )
        self.uploads = Uploads(bus.bucket(uploads.BUCKET), files, side.can)
        self.sender = Sender(
            caller, claims, self.channels, pace, self.uploads, self.tell, lambda: datetime.now(UTC)
        )
        self.actions = Actions(caller, self.channels, pace, self.tell, lambda: datetime.now(UTC))
        dead = DeadLetters(bus.publisher, "an-adapter")
        self.consumer = CommandConsumer(
            bus, f"{side.channel}-send", SendCommand, self.sender.handle, dead
        )

    async def tell(self, event: bytes) -> None:
        await self.batcher.publish(subjects.INBOUND_RESULTS, [event])

    async def start(self, *, reading: bool) -> None:
        await self.batcher.start()
        await self.channels.follow(self.bus.bucket(BUCKET))
        if reading:
            await self.consumer.start()

    async def handle(self, command: SendCommand, deliveries: int = 1) -> Verdict:
        return await self.sender.handle(command, delivered(command, deliveries))

    async def act(self, command: ActionCommand, deliveries: int = 1) -> Verdict:
        return await self.actions.handle(command, delivered(command, deliveries))

    async def stop(self) -> None:
        await self.consumer.stop(0)
        await self.batcher.stop(0.1)


class Delivery:
    """The rig, the emulator and the processes of one story."""

    def __init__(
        self,
        rig: Rig,
        emulator: Emulator,
        session: aiohttp.ClientSession,
        side: Side = WHATSAPP,
    ) -> None:
        self.rig = rig
        self.side = side
        self.files = open_store("memory:///")
        self.emulator = emulator
        self.session = session
        self.ring = KeyRing.new("channels", "test")
        self.graph = GraphClient(
            session, origin=emulator.url, allowed=[emulator.url], timeout_s=CALL_TIMEOUT_S
        )
        self._processes: list[Process] = []

    async def process(self, *, reading: bool = True) -> Process:
        """Another process that delivers; when not `reading`, its handler is called by hand."""
        bus = await self.rig.another() if self._processes else self.rig.bus
        owner = f"p{len(self._processes)}"
        process = Process(bus, self.graph, self.ring, self.side, self.files, owner)
        self._processes.append(process)
        await process.start(reading=reading)
        return process

    async def close(self) -> None:
        for process in self._processes:
            await process.stop()

    async def channel(self, **fields: Any) -> None:
        """Write the channel's record."""
        key = channel_key(self.side.channel, self.side.account)
        await self.rig.bus.bucket(BUCKET).put(key, record(self.ring, self.side, **fields))

    async def ask(self, *commands: SendCommand) -> None:
        for one in commands:
            await self.rig.bus.publisher.publish(
                subjects.outbound(one.channel, "send"), batch.pack([batch.encode(one)])
            )

    def befall(self, **fault_fields: Any) -> None:
        """What the next send comes to, as in metagraph.emulator.script."""
        self.emulator.script.add([fault(**fault_fields)])

    def accepted(self) -> list[Entry]:
        """What Graph accepted, in order."""
        return self.emulator.ledger.after(0)

    async def results(self) -> list[SendResultEvent]:
        """Every result on INBOUND, repeats included."""
        stored = await self.rig.bus.read("INBOUND", subjects.INBOUND_RESULTS, 0, 1000)
        events = [batch.decode_event(item) for one in stored for item in batch.unpack(one.body)]
        return [event for event in events if isinstance(event, SendResultEvent)]

    async def action_results(self) -> list[ActionResultEvent]:
        """Every failed action on INBOUND."""
        stored = await self.rig.bus.read("INBOUND", subjects.INBOUND_RESULTS, 0, 1000)
        events = [batch.decode_event(item) for one in stored for item in batch.unpack(one.body)]
        return [event for event in events if isinstance(event, ActionResultEvent)]

    async def store(self, content: bytes, key: str = FILE_KEY) -> None:
        """Put a file where `file_part` finds it."""
        await self.files.put(key, content, mime_type="image/png", max_bytes=len(content))

    async def result_of(self, command: SendCommand) -> SendResultEvent:
        """The first result of a command, when it is there."""
        found: list[SendResultEvent] = []

        async def there() -> bool:
            found[:] = [e for e in await self.results() if e.data.command_id == command.id]
            return bool(found)

        await until_true(there)
        return found[0]

    async def settled(self) -> None:
        """Returns when no command is left on OUTBOUND."""

        async def empty() -> bool:
            return (await self.rig.bus.stream("OUTBOUND")).messages == 0

        await until_true(empty)


@asynccontextmanager
async def delivering(rig: Rig, side: Side, **plans: Any) -> AsyncIterator[Delivery]:
    """A story's surroundings: an emulator that knows the account, and the account's record."""
    async with emulator(**plans) as graph, open_session() as session:
        graph.accounts.put(Account(object=OBJECTS[side.channel], id=side.account, token=TOKEN))
        delivery = Delivery(rig, graph, session, side)
        await delivery.channel()
        yield delivery
        await delivery.close()


def settings_of(around: Delivery, roles: Collection[str]) -> dict[str, Any]:
    """The settings of an adapter in these roles, which finds everything around it."""
    assert isinstance(around.rig, JetStreamRig)
    receives, speaks = "receive" in roles, bool({"deliver", "media"} & set(roles))
    origins = (around.emulator.url,)
    return {
        "nats_url": SecretStr(around.rig.server.url),
        "http_port": free_port(),
        "roles": frozenset(roles),
        "meta_app_secrets": (SecretStr(SECRET.decode()),) if receives else None,
        "meta_verify_tokens": (SecretStr("verify token"),) if receives else None,
        "vault_keys_channels": SecretStr(around.ring.dump()) if speaks else None,
        "files_url": "memory:///" if speaks else None,
        "graph_origin": around.emulator.url,
        "graph_allowed_origins": origins,
        "media_allowed_origins": origins,
    }


def emulator(**plans: Any) -> Emulator:
    """One that tells nobody of anything; `plans` are further fields of its settings."""
    silent: dict[str, Any] = {
        "meta_app_secrets": (SecretStr("app secret"),),
        "emulator_statuses": StatusPlan(names=()),
        "emulator_echoes": EchoPlan(when="off"),
    }
    return Emulator(EmulatorSettings(**{**silent, **plans}))
