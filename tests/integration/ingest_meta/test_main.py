"""Messenger and Instagram put together, on a real NATS: each role builds what it needs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from adapter.announce import BUCKET
from chassis.lifecycle import Lifecycle
from contracts import batch, subjects
from contracts.capabilities import Capabilities
from contracts.commands import ActionCommand, SendCommand
from contracts.rpc import ValidateAnswer, ValidateRequest
from contracts.subjects import CONSUMERS, Job, validate
from ingest_meta.main import PATH, build
from ingest_meta.settings import Settings
from metagraph.signature import HEADER, sign
from support import meta
from support.delivery import (
    CHANNEL_ID,
    INSTAGRAM,
    MESSENGER,
    TOKEN,
    WORKSPACE,
    Delivery,
    Side,
    action,
    command,
    delivering,
    settings_of,
)
from support.rigs import make_rig
from support.waiting import eventually, until_true
from support.whatsapp_gate import SECRET
from vault.seal import Place, seal

SPEAKING = {"deliver", "media"}


@asynccontextmanager
async def surroundings(folder: Path, side: Side) -> AsyncIterator[Delivery]:
    """A real NATS with the streams of the table, and an emulator of Graph."""
    rig = await make_rig("jetstream", folder, consumers=CONSUMERS)
    async with delivering(rig, side) as around:
        yield around
    await rig.close()


@asynccontextmanager
async def running(around: Delivery, *roles: str) -> AsyncIterator[str]:
    """The service in these roles; yields the URL of its webhook."""
    settings = Settings(**settings_of(around, roles), instagram_graph_origin=around.emulator.url)
    life = Lifecycle()
    try:
        await build(life, settings)
        yield f"http://127.0.0.1:{settings.http_port}{PATH}"
    finally:
        assert await life.stop(20)


async def ask(around: Delivery, job: Job, asked: SendCommand | ActionCommand) -> None:
    subject = subjects.outbound(asked.channel, job)
    await around.rig.bus.publisher.publish(subject, batch.pack([batch.encode(asked)]))


@pytest.mark.parametrize("side", [MESSENGER, INSTAGRAM], ids=lambda side: side.channel)
async def test_all_roles_in_one_process(tmp_path: Path, side: Side) -> None:
    async with (
        surroundings(tmp_path, side) as around,
        running(around, "receive", *SPEAKING) as url,
    ):
        send, typing = command(side=side), action("typing_on", side=side)
        await ask(around, "send", send)
        await ask(around, "action", typing)
        assert (await around.result_of(send)).data.outcome == "sent"
        await eventually(lambda: len(around.accepted()) == 2)
        body = meta.body(meta.PAGE_OBJECT, meta.entry(meta.PAGE, meta.text(1)))
        headers = {HEADER: sign(body, SECRET)}
        async with around.session.post(url, data=BytesIO(body), headers=headers) as response:
            assert response.status == 200


async def test_delivering_announces_and_validates_both_channels(tmp_path: Path) -> None:
    async with surroundings(tmp_path, MESSENGER) as around, running(around, "deliver"):
        bucket = around.rig.bus.bucket(BUCKET)
        for side in (MESSENGER, INSTAGRAM):

            async def announced(channel: str = side.channel) -> bool:
                return await bucket.get(channel) is not None

            await until_true(announced)
            entry = await bucket.get(side.channel)
            assert entry is not None
            assert Capabilities.model_validate_json(entry.value) == side.can
        answer = await validated(around)
        assert (answer.problem, answer.name) == (None, "Emulated")


async def validated(around: Delivery, **fields: Any) -> ValidateAnswer:
    place = Place(WORKSPACE, "channels", CHANNEL_ID, "secret")
    asked = ValidateRequest(
        workspace_id=WORKSPACE,
        channel_id=CHANNEL_ID,
        type=around.side.channel,
        account=around.side.account,
        secret=seal(around.ring, TOKEN, place),
        **fields,
    )
    subject = validate(around.side.channel)
    answer = await around.rig.bus.ask(subject, asked.model_dump_json().encode(), 10)
    return ValidateAnswer.model_validate_json(answer)


@pytest.mark.parametrize("role", ["receive", "media"])
async def test_a_role_leaves_the_commands_of_others_where_they_are(
    tmp_path: Path, role: str
) -> None:
    async with surroundings(tmp_path, MESSENGER) as around, running(around, role):
        await ask(around, "send", command(side=MESSENGER))
        assert (await around.rig.bus.stream("OUTBOUND")).messages == 1
        assert around.accepted() == []
