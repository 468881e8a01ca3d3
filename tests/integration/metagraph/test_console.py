"""`metagraph-emulator` as a process: it serves, obeys from outside, and stops when told."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from integration.metagraph.receiver import DEADLINE_S, SECRET, Receiver
from metagraph.emulator.client import EmulatorClient

PROGRAM = str(Path(sys.executable).with_name("metagraph-emulator"))
ENVIRONMENT = {"PATH": os.defpath, "SLUICE_META_APP_SECRETS": json.dumps([SECRET])}


async def run(*arguments: str, **environment: str) -> tuple[int | None, list[str], str]:
    """Exit status, lines of output and errors of one command."""
    process = await asyncio.create_subprocess_exec(
        PROGRAM, *arguments, env=ENVIRONMENT | environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(DEADLINE_S):
        out, err = await process.communicate()
    return process.returncode, out.decode().splitlines(), err.decode()


@pytest.fixture
async def served(receiver: Receiver) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    process = await asyncio.create_subprocess_exec(
        PROGRAM, "serve", "--port", "0", "--webhook", f"whatsapp_business_account={receiver.url}",
        "--webhook", f"instagram={receiver.url}",
        env=ENVIRONMENT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(DEADLINE_S):
        line = await process.stdout.readline()
    assert line, "it ended before it listened"
    yield json.loads(line)["listening"], process
    if process.returncode is None:
        process.kill()
    await process.communicate()  # to the end of its output, so that no pipe stays open


async def test_it_is_driven_from_the_command_line(
    served: tuple[str, asyncio.subprocess.Process], receiver: Receiver
) -> None:
    url, _ = served
    async with EmulatorClient(url) as emulator:
        await emulator.health()
    status, [line], _ = await run(
        "send", "--url", url, "--phone-number-id", "1", "--from", "4915", "--text", "hi",
        "--count", "5", "--batch", "2",
    )  # fmt: skip
    assert (status, json.loads(line)["settled"]) == (0, {"delivered": 3})
    assert [m["text"]["body"] for m in receiver.messages()] == ["hi"] * 5
    assert (await run("script", "--url", url, "--clear", '{"do": "reset", "times": 7}'))[0] == 0
    _, [line], _ = await run("stats", "--url", url)
    assert json.loads(line)["script"]["pending"] == 7
    assert (await run("ledger", "--url", url))[:2] == (0, [])
    assert (await run("reset", "--url", url))[0] == 0


async def test_it_sends_a_file_to_instagram(
    served: tuple[str, asyncio.subprocess.Process], receiver: Receiver, tmp_path: Path
) -> None:
    picture = tmp_path / "cat.png"
    picture.write_bytes(b"cat")
    status, [line], _ = await run(
        "send", "--url", served[0], "--object", "instagram", "--account", "9", "--from", "5",
        "--file", str(picture),
    )  # fmt: skip
    assert (status, json.loads(line)["settled"]) == (0, {"delivered": 1})
    [message] = receiver.events("message")
    assert [one["type"] for one in message["attachments"]] == ["image"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_it_stops_when_told(
    served: tuple[str, asyncio.subprocess.Process], number: signal.Signals
) -> None:
    _, process = served
    process.send_signal(number)
    async with asyncio.timeout(DEADLINE_S):
        assert await process.wait() == 0


async def test_it_says_in_one_line_what_is_wrong() -> None:
    status, _, err = await run("stats", "--url", "http://127.0.0.1:1")
    assert status == 1
    assert err.startswith("metagraph-emulator: ")
    status, _, err = await run("serve", SLUICE_META_APP_SECRETS="[]")
    assert status == 1
    assert "meta_app_secrets" in err
    assert "Traceback" not in err
