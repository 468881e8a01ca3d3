"""The delivering side of ingest_whatsapp: processes on a rig, against an emulator of Graph."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import aiohttp
from pydantic import SecretStr

from bus.batching import Batcher
from bus.claims import Claims
from bus.commanding import CommandConsumer, Verdict
from bus.dead import DeadLetters
from bus.ports import Bus, Delivered
from contracts import batch, subjects
from contracts.commands import CommandId, Send, SendCommand
from contracts.events import SendResultEvent
from contracts.parts import Alias, Part
from contracts.records import ChannelRecord, channel_key
from ingest_whatsapp.deliver.channels import BUCKET, Channels
from ingest_whatsapp.deliver.pace import Pace
from ingest_whatsapp.deliver.sender import Sender
from metagraph.emulator.app import Emulator
from metagraph.emulator.ledger import Entry
from metagraph.emulator.script import fault
from metagraph.emulator.settings import EmulatorSettings, StatusPlan
from metagraph.graph import GraphClient
from support import whatsapp as wa
from support.rigs import ACK_WAIT_S, Rig
from support.waiting import until_true
from vault.keyring import KeyRing
from vault.seal import Place, seal

CALL_TIMEOUT_S = 1.0
TOKEN = "token"
WORKSPACE, CHANNEL_ID = uuid4(), uuid4()


def command(
    part: Part | None = None,
    *,
    to: Sequence[Alias] = (Alias(kind="phone", value=wa.PERSON),),
    reply_to: str | None = None,
    account: str = wa.ACCOUNT,
    lives_s: float = 3600,
    age_s: float = 0,
) -> SendCommand:
    """A command made `age_s` ago that may be sent for `lives_s` from then."""
    made = datetime.now(UTC) - timedelta(seconds=age_s)
    return SendCommand(
        id=str(CommandId(uuid4(), 1, 0)),
        time=made,
        channel="whatsapp",
        account=account,
        data=Send(
            workspace_id=WORKSPACE,
            channel_id=CHANNEL_ID,
            conversation_id=uuid4(),
            to=tuple(to),
            part=part or Part(kind="text", text="Hello"),
            reply_to=reply_to,
            not_after=made + timedelta(seconds=lives_s),
        ),
    )


def delivered(command: SendCommand, deliveries: int = 1) -> Delivered:
    """The message of a command, for a handler that is called by hand."""
    body = batch.pack([batch.encode(command)])
    subject = subjects.outbound("whatsapp", "send")
    return Delivered(subject, body, "OUTBOUND", 1, command.time, deliveries=deliveries)


def record(ring: KeyRing, *, token: str = TOKEN, version: int = 1, **fields: Any) -> bytes:
    """A channel's record as inbox-core mirrors it."""
    place = Place(WORKSPACE, "channels", CHANNEL_ID, "secret")
    return (
        ChannelRecord(
            **{
                "id": CHANNEL_ID,
                "workspace_id": WORKSPACE,
                "type": "whatsapp",
                "account": wa.ACCOUNT,
                "enabled": True,
                "secret": seal(ring, token, place),
                "version": version,
                **fields,
            }
        )
        .model_dump_json()
        .encode()
    )


class Process:
    """One process in the role `deliver`."""

    def __init__(self, bus: Bus, graph: GraphClient, ring: KeyRing, owner: str) -> None:
        self.bus = bus
        self.batcher = Batcher(bus.publisher)
        self.channels = Channels(ring)
        self.claims = Claims(
            bus.bucket("claims"),
            owner,
            call_timeout_s=CALL_TIMEOUT_S,
            ack_wait_s=ACK_WAIT_S,
        )
        self.sender = Sender(
            graph,
            self.claims,
            self.channels,
            Pace(asyncio.get_running_loop().time),
            lambda event: self.batcher.publish(subjects.INBOUND_RESULTS, [event]),
            lambda: datetime.now(UTC),
        )
        dead = DeadLetters(bus.publisher, "ingest-whatsapp")
        self.consumer = CommandConsumer(bus, "whatsapp-send", SendCommand, self.sender.handle, dead)

    async def start(self, *, reading: bool) -> None:
        await self.batcher.start()
        await self.channels.follow(self.bus.bucket(BUCKET))
        if reading:
            await self.consumer.start()

    async def handle(self, command: SendCommand, deliveries: int = 1) -> Verdict:
        return await self.sender.handle(command, delivered(command, deliveries))

    async def stop(self) -> None:
        await self.consumer.stop(0)
        await self.batcher.stop(0.1)


class Delivery:
    """The rig, the emulator and the processes of one story."""

    def __init__(self, rig: Rig, emulator: Emulator, session: aiohttp.ClientSession) -> None:
        self.rig = rig
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
        process = Process(bus, self.graph, self.ring, f"p{len(self._processes)}")
        self._processes.append(process)
        await process.start(reading=reading)
        return process

    async def close(self) -> None:
        for process in self._processes:
            await process.stop()

    async def channel(self, **fields: Any) -> None:
        """Write the channel's record."""
        key = channel_key("whatsapp", wa.ACCOUNT)
        await self.rig.bus.bucket(BUCKET).put(key, record(self.ring, **fields))

    async def ask(self, *commands: SendCommand) -> None:
        for one in commands:
            await self.rig.bus.publisher.publish(
                subjects.outbound("whatsapp", "send"), batch.pack([batch.encode(one)])
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


def emulator() -> Emulator:
    return Emulator(
        EmulatorSettings(
            meta_app_secrets=(SecretStr("app secret"),), emulator_statuses=StatusPlan(names=())
        )
    )
