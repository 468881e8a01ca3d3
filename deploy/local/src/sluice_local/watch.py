"""`python -m sluice_local.watch [FILE]`: the inbox's socket as lines of JSON.

Reads the running stack's `stack.json`, fetches a ticket, says hello and prints every frame until
Ctrl-C.
"""

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from chassis.settings import load
from sluice_local.settings import LocalSettings
from sluice_local.stack_file import StackFile

TICKET_PATH = "/v1/realtime/tickets"
HELLO = {"t": "hello", "proto": 1, "resume": None, "subs": {"list": True, "open": None}}
WAIT = aiohttp.ClientTimeout(total=10)


def main() -> None:
    """Exit status 1 with the reason when there is no stack to watch."""
    named = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    path = named or load(LocalSettings).folder / "stack.json"
    try:
        stack = StackFile.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        sys.exit(f"no {path}: start the stack with 'make run'")
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_watch(stack))
    except aiohttp.ClientError as error:
        sys.exit(f"the inbox does not answer: {error}")


async def _watch(stack: StackFile) -> None:
    core = stack.services["inbox-core"].url
    async with aiohttp.ClientSession(core, headers={"Origin": core}) as client:
        ticket = await _ticket(client, stack)
        async with client.ws_connect(ticket["url"], heartbeat=25) as socket:
            await socket.send_json({**HELLO, "ticket": ticket["ticket"]})
            async for frame in socket:
                sys.stdout.write(f"{frame.data}\n")
                sys.stdout.flush()


async def _ticket(client: aiohttp.ClientSession, stack: StackFile) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {stack.api_token}"}
    asked = {"workspace_id": stack.workspace_id}
    async with client.post(TICKET_PATH, headers=headers, json=asked, timeout=WAIT) as answer:
        answer.raise_for_status()
        ticket: dict[str, Any] = orjson.loads(await answer.read())
        return ticket


if __name__ == "__main__":
    main()
