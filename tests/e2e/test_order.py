"""Several processes deliver, and the replies of a conversation still go out in their order."""

import asyncio
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from sluice_local.plan import script
from sluice_local.servers.ports import free_port
from sluice_local.servers.program import Program, Running
from support.outside import Outside
from support.stack import LocalStack, is_running

SERVICE = "ingest-whatsapp"
PEOPLE = 6
REPLIES = 8


@pytest.fixture
def second_deliverer(stack: LocalStack, tmp_path: Path) -> Iterator[Running]:
    """Beside the stack's own, with the same environment but for its ports and its one role."""
    ports = {f"SLUICE_{which}_PORT": str(free_port()) for which in ("HTTP", "ADMIN")}
    env = psutil.Process(stack.read().processes[SERVICE]).environ()
    log = tmp_path / "second.log"
    program = Program(
        "second deliverer", (script(SERVICE),), log, {**env, **ports, "SLUICE_ROLES": "deliver"}
    )
    second = Running(program, lambda: "started" in log.read_text())
    second.start()
    yield second
    second.stop()


async def test_replies_of_a_conversation_keep_their_order(
    world: Outside, second_deliverer: Running
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
    pid = second_deliverer.pid
    assert pid is not None
    assert is_running(pid)
    assert os.getpid() != pid
