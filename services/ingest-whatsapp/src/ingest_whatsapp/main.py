"""`ingest-whatsapp`: the service put together. Only what the process' roles need is built.

receive   Meta's webhooks → normalize → INBOUND          listens on http_port
deliver   OUTBOUND → Graph → results on INBOUND          follows the bucket `channels`

Parts start top to bottom and stop in reverse: the doors close, what is in hand is finished, the
queue is flushed, the bus closes last.
"""

import asyncio
import os
import socket
from datetime import UTC, datetime

from adapter.channels import BUCKET, Channels
from adapter.deliver.pace import Pace
from adapter.deliver.sender import Sender
from adapter.intake import Intake
from adapter.webhooks import Limits, Receiver, webhook_app
from bus.batching import Batcher
from bus.claims import Claims
from bus.commanding import CommandConsumer
from bus.dead import DeadLetters
from bus.jetstream import connect
from bus.ports import Bus
from chassis import logs, process
from chassis.http import listener
from chassis.lifecycle import Lifecycle
from chassis.settings import load
from contracts import subjects
from contracts.commands import SendCommand
from ingest_whatsapp.deliver import WhatsAppCall
from ingest_whatsapp.normalize import WHATSAPP
from ingest_whatsapp.payloads import CHANNEL
from ingest_whatsapp.settings import DELIVER, RECEIVE, Settings
from metagraph.challenge import Handshake
from metagraph.graph import TIMEOUT_S, GraphClient, open_session
from metagraph.signature import Signatures
from vault.keyring import KeyRing

SERVICE = "ingest-whatsapp"
CONSUMER = "whatsapp-send"
PATH = "/webhooks/whatsapp"
ALMOST_FULL = 0.9
"""Of the queue's bound: from here on other replicas should get the webhooks."""


def main() -> None:
    """The console script. Exit status as chassis.process.run; 2 for wrong settings."""
    settings = load(Settings)
    logs.configure(SERVICE, settings.log_level)
    process.run(SERVICE, settings, lambda life: build(life, settings))


async def build(life: Lifecycle, settings: Settings) -> None:
    """Start the parts of the roles. Raises StartFailed, also when the streams have drifted."""
    bus: Bus = await life.start(
        "bus",
        lambda: connect(settings.nats_url.get_secret_value(), name=SERVICE),
        lambda bus: bus.close(),
    )
    await life.start("streams", bus.verify)
    batcher = Batcher(
        bus.publisher, queue_events=settings.queue_events, queue_bytes=settings.queue_bytes
    )
    await life.start("batcher", batcher.start, lambda _: batcher.stop())
    dead = DeadLetters(bus.publisher, SERVICE)
    if settings.has_role(DELIVER):
        await _deliver(life, settings, bus, batcher, dead)
    if settings.has_role(RECEIVE):
        await _receive(life, settings, batcher, dead)


async def _receive(
    life: Lifecycle, settings: Settings, batcher: Batcher, dead: DeadLetters
) -> None:
    limits = Limits(body=settings.max_body_bytes)
    secrets = [secret.get_secret_value().encode() for secret in settings.meta_app_secrets or ()]
    tokens = [token.get_secret_value().encode() for token in settings.meta_verify_tokens or ()]
    receiver = Receiver(Intake(WHATSAPP, Signatures(secrets), batcher, dead), limits)
    app = webhook_app(PATH, receiver, Handshake(tokens), limits.body)
    almost_full = ALMOST_FULL * settings.queue_events
    life.add_check("queue", lambda: "almost full" if batcher.queued >= almost_full else None)
    await life.enter("http", listener(app, settings.http_host, settings.http_port))


async def _deliver(
    life: Lifecycle, settings: Settings, bus: Bus, batcher: Batcher, dead: DeadLetters
) -> None:
    keys = settings.vault_keys_channels
    channels = Channels(
        KeyRing.parse("channels", keys.get_secret_value() if keys else ""), {CHANNEL}
    )
    await life.start("channels", lambda: channels.follow(bus.bucket(BUCKET)))
    session = await life.enter("graph", open_session())
    graph = GraphClient(
        session, origin=settings.graph_origin, allowed=settings.graph_allowed_origins
    )
    consumer = next(row for row in subjects.CONSUMERS if row.name == CONSUMER)
    sender = Sender(
        WhatsAppCall(graph),
        Claims(
            bus.bucket("claims"),
            owner=f"{socket.gethostname()}.{os.getpid()}",
            call_timeout_s=TIMEOUT_S,
            ack_wait_s=consumer.ack_wait_s,
        ),
        channels,
        Pace(asyncio.get_running_loop().time),
        lambda event: batcher.publish(subjects.INBOUND_RESULTS, [event]),
        lambda: datetime.now(UTC),
    )
    reader = CommandConsumer(
        bus, CONSUMER, SendCommand, sender.handle, dead, at_once=settings.sends_at_once
    )
    await life.start("deliver", reader.start, lambda _: reader.stop(), stop_s=TIMEOUT_S + 5)
