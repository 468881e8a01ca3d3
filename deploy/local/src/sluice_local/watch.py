"""`python -m sluice_local.watch [--json] [FILE]`: what the inbox's socket tells, line by line.

Reads the running stack's `stack.json`, fetches a ticket, says hello and prints what comes until
Ctrl-C: messages with their files, choices and emoji in words or, with --json, every frame as it is.
"""

import argparse
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
from sluice_local.told import told

TICKET_PATH = "/v1/realtime/tickets"
HELLO = {"t": "hello", "proto": 1, "resume": None, "subs": {"list": True, "open": None}}
WAIT = aiohttp.ClientTimeout(total=10)


def main() -> None:
    """Watch the socket. Exit status 1 with the reason when there is no stack."""
    parser = argparse.ArgumentParser(prog="sluice_local.watch", description=main.__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="another stack's stack.json")
    parser.add_argument("--json", action="store_true", help="frames as they are")
    asked = parser.parse_args()
    path = asked.file or load(LocalSettings).folder / "stack.json"
    try:
        stack = StackFile.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        sys.exit(f"no {path}: start the stack with 'make run'")
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_watch(stack, raw=asked.json))
    except aiohttp.ClientError as error:
        sys.exit(f"the inbox does not answer: {error}")


async def _watch(stack: StackFile, *, raw: bool) -> None:
    core = stack.services["inbox-core"].url
    async with aiohttp.ClientSession(core, headers={"Origin": core}) as client:
        ticket = await _ticket(client, stack)
        async with client.ws_connect(ticket["url"], heartbeat=25) as socket:
            await socket.send_json({**HELLO, "ticket": ticket["ticket"]})
            async for frame in socket:
                line = frame.data if raw else told(orjson.loads(frame.data))
                if line is not None:
                    sys.stdout.write(f"{line}\n")
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
