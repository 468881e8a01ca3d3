"""The receiving side of an adapter on a real socket, and what it left on the bus."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

import aiohttp

from adapter.intake import DEADLINE_S, Intake
from adapter.items import Platform
from adapter.webhooks import Limits, Receiver, webhook_app
from bus.batching import Batcher
from bus.dead import DeadLetters
from bus.ports import Publisher, Stored
from chassis.http import listener
from contracts import batch
from ingest_whatsapp.normalize import WHATSAPP
from metagraph.challenge import Handshake
from metagraph.signature import HEADER, Signatures, sign
from support.rigs import Rig

SECRET = b"app secret"
OLD_SECRET = b"the one before"
TOKEN = b"verify token"
QUEUE_EVENTS = 2000


class Gate:
    """One process' receiving side: posts like Meta, reads what came to rest."""

    def __init__(
        self, rig: Rig, batcher: Batcher, url: str, session: aiohttp.ClientSession
    ) -> None:
        self.rig = rig
        self.batcher = batcher
        self.url = url
        self.session = session

    async def post(
        self, body: bytes, *, signature: str | None = "", **headers: str
    ) -> tuple[int, str]:
        """The status and the answer's word. `signature`: made when empty, None for none."""
        if signature is not None:
            headers[HEADER] = signature or sign(body, SECRET)
        async with self.session.post(self.url, data=BytesIO(body), headers=headers) as response:
            if response.status == 503:
                assert response.headers["Retry-After"] == "5"
            return response.status, await response.text()

    async def events(self) -> list[dict[str, Any]]:
        """Every event on INBOUND, in order."""
        stored = await self._all("INBOUND", "inbound.>")
        return [event for message in stored for event in batch.unpack(message.body)]

    async def external_ids(self) -> list[str]:
        return [event["data"]["external_id"] for event in await self.events()]

    async def dead(self) -> list[tuple[str, bytes]]:
        """(reason, bytes) of every dead letter."""
        stored = await self._all("DEAD", "dead.>")
        return [(message.subject.rpartition(".")[2], message.body) for message in stored]

    async def _all(self, stream: str, subject: str) -> list[Stored]:
        found: list[Stored] = []
        while page := await self.rig.bus.read(
            stream, subject, found[-1].sequence if found else 0, 1000
        ):
            found += page
        return found


@asynccontextmanager
async def open_gate(
    rig: Rig,
    platform: Platform = WHATSAPP,
    *,
    publisher: Publisher | None = None,
    queue_events: int = QUEUE_EVENTS,
    deadline_s: float = DEADLINE_S,
) -> AsyncIterator[Gate]:
    """A gate that publishes to the rig, or through a publisher of the test's own."""
    publisher = publisher or rig.bus.publisher
    limits = Limits(read_s=2.0)
    batcher = Batcher(publisher, queue_events=queue_events, deadline_s=deadline_s)
    dead = DeadLetters(publisher, f"ingest-{platform.name}")
    intake = Intake(platform, Signatures([SECRET, OLD_SECRET]), batcher, dead, deadline_s)
    receiver = Receiver(intake, limits)
    path = f"/webhooks/{platform.name}"
    app = webhook_app(path, receiver, Handshake([TOKEN]), limits.body)
    await batcher.start()
    async with listener(app, "127.0.0.1", 0) as port, aiohttp.ClientSession() as session:
        yield Gate(rig, batcher, f"http://127.0.0.1:{port}{path}", session)
    await batcher.stop(0.1)
