"""While NATS is away a webhook is answered 503 at once; what was answered 200 is never missing."""

import asyncio
import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

import psutil

from metagraph.emulator.bodies import Item, contact, envelope
from metagraph.emulator.ids import inbound_wamid
from metagraph.signature import HEADER, sign
from support.outside import Outside, outside
from support.stack import LocalStack, is_running, wait_for
from support.waiting import until_true

BEFORE, DURING, AFTER = 30, 10, 30
WITHIN_S = 20


async def test_503_while_it_is_away_and_nothing_is_missing_afterwards(
    own_stack: LocalStack,
) -> None:
    async with outside(own_stack.read()) as world:
        platform = Platform(world)
        await platform.post_until_stored(BEFORE)
        with nats_away(own_stack):
            refusals = [await platform.post() for _ in range(DURING)]
        assert {status for status, _ in refusals} == {503}
        assert all(int(retry_after) > 0 for _, retry_after in refusals)

        await platform.post_until_stored(AFTER)
        assert len(platform.answered_200) >= BEFORE + AFTER
        for text in platform.answered_200:
            await world.appears(text)
        thread = await world.stored((await world.appears(text))["conversation_id"])
        texts = [message["parts"][0]["text"] for message in thread]
        assert len(texts) == len(set(texts))
        assert platform.answered_200 <= set(texts)


@contextmanager
def nats_away(stack: LocalStack) -> Iterator[None]:
    """Killed, and its supervisor held still so that nobody starts it again."""
    nats = stack.read().processes["nats"]
    supervisor = psutil.Process(nats).ppid()
    os.kill(supervisor, signal.SIGSTOP)
    try:
        os.kill(nats, signal.SIGKILL)
        wait_for(lambda: not is_running(nats), WITHIN_S)
        yield
    finally:
        os.kill(supervisor, signal.SIGCONT)


class Platform:
    """Posts one message at a time to the webhook, as Meta does; `answered_200` are their texts."""

    def __init__(self, world: Outside) -> None:
        self.answered_200: set[str] = set()
        self._world = world
        self._phone = world.person()
        self._run = secrets.token_hex(4)
        self._numbers = count(1)

    async def post(self) -> tuple[int, str]:
        """A new message, once: the status and Retry-After."""
        return await self._post(f"{self._run} {next(self._numbers)}")

    async def post_until_stored(self, messages: int) -> None:
        """New messages, each as often as it takes to be answered 200."""
        for _ in range(messages):
            text = f"{self._run} {next(self._numbers)}"
            wamid = inbound_wamid(self._phone)

            async def taken(text: str = text, wamid: str = wamid) -> bool:
                return (await self._post(text, wamid))[0] == 200

            await until_true(taken, within_s=60)

    async def _post(self, text: str, wamid: str | None = None) -> tuple[int, str]:
        body = self._body(text, wamid or inbound_wamid(self._phone))
        secret = self._world.stack.emulator.app_secret.encode()
        headers = {HEADER: sign(body, secret), "Content-Type": "application/json"}
        async with (
            asyncio.timeout(WITHIN_S),
            self._world.session.post(
                self._world.stack.channels["whatsapp"].webhook_url, data=body, headers=headers
            ) as response,
        ):
            if response.status == 200:
                self.answered_200.add(text)
            return response.status, response.headers.get("Retry-After", "")

    def _body(self, text: str, wamid: str) -> bytes:
        message = {
            "id": wamid, "from": self._phone, "timestamp": "1700000000",
            "type": "text", "text": {"body": text},
        }  # fmt: skip
        account = self._world.stack.channels["whatsapp"].account
        return envelope([Item(account, "messages", message, contact(self._phone, None))])
