"""`sluice` as a person runs it: what it says, and its exit codes."""

import asyncio
import subprocess
import sysconfig
from pathlib import Path

import pytest

from bus.dead import DeadLetters
from contracts import batch
from sluice_local.servers.ports import free_port
from support.nats_server import NatsServer
from support.rigs import JetStreamRig
from support.wire import event, packed

SLUICE = str(Path(sysconfig.get_path("scripts")) / "sluice")


async def sluice(url: str, *arguments: str) -> tuple[int, str, str]:
    """Exit code, output, complaints."""
    done = await asyncio.to_thread(
        subprocess.run,
        [SLUICE, "--nats-url", url, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


async def lay(real: JetStreamRig, *, subject: str = "inbound.whatsapp") -> None:
    await DeadLetters(real.bus.publisher, "inbox-core").put(
        "unknown_channel",
        batch.encode(event("a")),
        detail="no such account",
        subject=subject,
        channel="whatsapp",
        account="1001",
    )


async def test_bus_apply_and_verify(tmp_path: Path) -> None:
    server = NatsServer(tmp_path)
    await server.start()
    code, said, _ = await sluice(server.url, "bus", "verify")
    assert code == 3
    assert "stream INBOUND is missing" in said
    code, said, _ = await sluice(server.url, "bus", "apply")
    assert (code, "stream INBOUND: made" in said) == (0, True)
    code, said, _ = await sluice(server.url, "bus", "apply")
    assert (code, said) == (0, "nothing to do: the server is as the table says\n")
    code, said, _ = await sluice(server.url, "bus", "verify")
    assert (code, said) == (0, "the server is as the table says\n")
    await server.stop()


async def test_dead_ls_show_retry(real: JetStreamRig) -> None:
    await lay(real)
    await lay(real, subject="")
    url = real.server.url

    code, said, _ = await sluice(url, "dead", "ls", "--account", "1001")
    assert code == 0
    assert "unknown_channel  whatsapp 1001  no such account" in said
    assert said.endswith("2 shown; the stream holds 2\n")

    code, said, _ = await sluice(url, "dead", "show", "2")
    assert code == 0
    assert "it cannot be retried" in said
    assert '"type": "sluice.account.v1"' in said

    code, said, complaint = await sluice(url, "dead", "retry", "--reason", "unknown_channel")
    assert (code, said) == (1, "1 retried, 1 cannot be\n")
    assert "dead letter 2 is a body nobody could parse" in complaint
    assert (await real.bus.stream("INBOUND")).messages == 1

    code, said, _ = await sluice(url, "dead", "drop", "2")
    assert (code, said) == (0, "1 dropped\n")
    code, _, complaint = await sluice(url, "dead", "show", "2")
    assert (code, complaint) == (1, "sluice: there is no dead letter 2\n")


@pytest.mark.parametrize("verb", ["retry", "drop"])
async def test_all_letters_at_once_only_when_said(real: JetStreamRig, verb: str) -> None:
    await lay(real)
    code, _, complaint = await sluice(real.server.url, "dead", verb)
    assert code == 2
    assert "--all" in complaint
    code, _, _ = await sluice(real.server.url, "dead", verb, "--all")
    assert code == 0
    assert (await real.bus.stream("DEAD")).messages == 0


async def test_replay(real: JetStreamRig) -> None:
    await real.bus.publisher.publish("inbound.whatsapp", packed("a", "b"))
    times = ("--from", "2020-01-01", "--to", "2100-01-01T00:00+02:00")
    code, said, _ = await sluice(real.server.url, "replay", *times, "--dry-run")
    assert (code, said) == (0, "would publish 2 events in 1 messages again\n")
    code, said, _ = await sluice(real.server.url, "replay", *times)
    assert (code, said) == (0, "published 2 events in 1 messages again\n")
    assert (await real.bus.stream("INBOUND")).messages == 2


async def test_wrong_use_says_how(real: JetStreamRig) -> None:
    code, _, complaint = await sluice(real.server.url, "replay", "--from", "noon", "--to", "now")
    assert code == 2
    assert "'noon' is no time; write 2026-05-01T12:00" in complaint


async def test_without_a_server_it_says_so_in_a_sentence() -> None:
    code, said, complaint = await sluice(
        f"nats://127.0.0.1:{free_port()}", "--connect-within", "0.5", "bus", "verify"
    )
    assert (code, said) == (1, "")
    assert "no NATS server answered at 127.0.0.1" in complaint.splitlines()[-1]
    assert "Traceback" not in complaint
