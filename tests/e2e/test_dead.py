"""What nobody can read is answered 200, kept whole, and seen with `sluice dead`."""

import asyncio
import secrets
import sysconfig
from pathlib import Path

from support.outside import Outside

SLUICE = Path(sysconfig.get_path("scripts")) / "sluice"


async def sluice(world: Outside, *words: str) -> str:
    """Run the command line tool against the stack; its stdout."""
    process = await asyncio.create_subprocess_exec(
        SLUICE, *words,
        env={"SLUICE_NATS_URL": world.stack.nats_url},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 0, err.decode()
    return out.decode()


async def test_an_unreadable_body_is_kept_with_its_bytes(world: Outside) -> None:
    body = f'{{"object": "whatsapp_business_account", {secrets.token_hex(4)}'.encode()
    answer = await world.emulator.raw(body)
    assert answer["status"] == 200
    listed = await sluice(world, "dead", "ls", "--service", "ingest-whatsapp", "--limit", "1000")
    numbers = [words.split()[0] for words in listed.splitlines()[:-1]]
    letters = {number: await sluice(world, "dead", "show", number, "--raw") for number in numbers}
    [ours] = [number for number, raw in letters.items() if raw.encode().strip() == body]
    await sluice(world, "dead", "drop", ours)
    assert f"{ours} " not in await sluice(world, "dead", "ls", "--limit", "1000")
