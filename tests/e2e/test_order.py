"""Several processes deliver, and the replies of a conversation still go out in their order."""

import asyncio
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sluice_local.plan import script
from sluice_local.servers.ports import free_port
from sluice_local.servers.program import Program, Running
from support.outside import Outside
from support.stack import LocalStack

SERVICE = "ingest-whatsapp"
PEOPLE = 6
REPLIES = 8
SENT = re.compile(r'^sluice_outcomes_total\{outcome="sent",.*stage="deliver"\} [1-9]', re.MULTILINE)


@pytest.fixture
def second_deliverer(stack: LocalStack, tmp_path: Path) -> Iterator[str]:
    """Beside the stack's own, with the same environment but for its ports and its one role.

    The address of its metrics.
    """
    admin, public = free_port(), free_port()
    env = {
        **psutil.Process(stack.read().processes[SERVICE]).environ(),
        "SLUICE_HTTP_PORT": str(public),
        "SLUICE_ADMIN_PORT": str(admin),
        "SLUICE_ROLES": "deliver",
    }
    log = tmp_path / "second.log"
    program = Program("second deliverer", (script(SERVICE),), log, env)
    second = Running(program, lambda: "service_started" in log.read_text())
    second.start()
    yield f"http://127.0.0.1:{admin}"
    second.stop()


async def test_replies_of_a_conversation_keep_their_order(
    world: Outside, second_deliverer: str
) -> None:
    people = [world.person() for _ in range(PEOPLE)]
    texts = {phone: [f"{n} {secrets.token_hex(4)}" for n in range(REPLIES)] for phone in people}

    async def talk(phone: str) -> None:
        question = f"Hi {secrets.token_hex(4)}"
        await world.writes(phone, question)
        conversation = (await world.appears(question))["conversation_id"]
        for text in texts[phone]:
            await world.inbox.reply(conversation, text, secrets.token_hex(8))
        for text in texts[phone]:
            await world.delivered(text, "read")

    await asyncio.gather(*(talk(phone) for phone in people))
    for phone in people:
        ledger = await world.ledger_of(phone)
        assert [entry["body"]["text"]["body"] for entry in ledger] == texts[phone]
    async with world.session.get(f"{second_deliverer}/metrics") as response:
        counted = await response.text()
    assert SENT.search(counted)
