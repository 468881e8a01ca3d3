"""An emulator of its own for every test, a Graph client of it, and a receiver of its webhooks."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from pydantic import SecretStr

from integration.metagraph.receiver import SECRET, VERIFY_TOKEN, Receiver
from metagraph.challenge import Handshake
from metagraph.emulator.app import Emulator
from metagraph.emulator.client import EmulatorClient
from metagraph.emulator.names import INSTAGRAM, PAGE, WHATSAPP
from metagraph.emulator.settings import EmulatorSettings, StatusPlan
from metagraph.graph import GraphClient, open_session


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    app = web.Application(client_max_size=8 * 1024 * 1024)
    app.router.add_post("/webhooks", found.receive)
    app.router.add_get("/webhooks", Handshake([VERIFY_TOKEN.encode()]).handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks"
    yield found
    await runner.cleanup()


@pytest.fixture
async def emulator(receiver: Receiver) -> AsyncIterator[Emulator]:
    settings = EmulatorSettings(
        meta_app_secrets=(SecretStr(SECRET),),
        emulator_webhooks=dict.fromkeys((WHATSAPP, PAGE, INSTAGRAM), receiver.url),
        emulator_statuses=StatusPlan(delay_s=0.01, step_s=0.01),
        emulator_retry_first_s=0.01,
        emulator_retry_max_s=0.05,
    )
    async with Emulator(settings) as running:
        yield running


@pytest.fixture
async def control(emulator: Emulator) -> AsyncIterator[EmulatorClient]:
    async with EmulatorClient(emulator.url) as client:
        yield client


@pytest.fixture
async def graph(emulator: Emulator) -> AsyncIterator[GraphClient]:
    async with open_session() as session:
        yield GraphClient(session, origin=emulator.url, allowed=[emulator.url], timeout_s=2)
