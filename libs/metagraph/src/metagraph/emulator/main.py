"""`metagraph-emulator`: serve the emulator, or talk to one that runs.

    metagraph-emulator serve --port 8090 --webhook whatsapp_business_account=http://…/webhooks
    metagraph-emulator send --account 106540352242922 --from 4915112345678 --text "Hello"
    metagraph-emulator send --object page --account 1 --from 2 --file cat.jpg
    metagraph-emulator ledger | stats | reset --url …
    metagraph-emulator script --url … '{"do": "error", "code": 130429, "times": 3}'

Secrets come from the environment only (`SLUICE_META_APP_SECRETS`): arguments show in `ps`. So do
the rarer settings, such as `SLUICE_EMULATOR_STATUSES='{"names": ["sent"], "delay_s": 0}'`.
"""

import argparse
import asyncio
import mimetypes
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from metagraph.emulator.app import Emulator
from metagraph.emulator.client import ControlError, EmulatorClient
from metagraph.emulator.names import INSTAGRAM, PAGE, WHATSAPP
from metagraph.emulator.settings import EmulatorSettings

DEFAULT_URL = "http://127.0.0.1:8090"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    arguments = _parser().parse_args(argv)
    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(arguments.command(arguments))
    except (ControlError, aiohttp.ClientError, OSError, ValueError) as error:
        sys.stderr.write(f"metagraph-emulator: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """Where there is uvloop: it doubles what one core sends."""
    if sys.platform == "win32":
        return asyncio.new_event_loop
    import uvloop  # noqa: PLC0415 - not installed on Windows

    return uvloop.new_event_loop


async def _serve(arguments: argparse.Namespace) -> None:
    given: dict[str, Any] = {}
    if arguments.port is not None:
        given["emulator_port"] = arguments.port
    if arguments.webhook:
        given["emulator_webhooks"] = dict(arguments.webhook)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with Emulator(EmulatorSettings(**given)) as emulator:
        _say({"listening": emulator.url})
        await stop.wait()


async def _send(arguments: argparse.Namespace) -> None:
    async with EmulatorClient(arguments.url) as emulator:
        message = {"from": arguments.sender, "name": arguments.name, "text": arguments.text}
        message |= _addressed(arguments.object, arguments.account)
        if arguments.file is not None:
            message["media"] = [await _put(emulator, arguments.file)]
        _say(
            await emulator.inbound(
                [message] * arguments.count,
                batch=arguments.batch,
                duplicates=arguments.duplicates,
                wait=True,
            )
        )


def _addressed(name: str, account: str) -> dict[str, Any]:
    if name == WHATSAPP:
        return {"phone_number_id": account}
    return {"object": name, "account": account}


async def _put(emulator: EmulatorClient, path: Path) -> str:
    """The id of a file put in."""
    mime_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    content = await asyncio.to_thread(path.read_bytes)
    return str((await emulator.media(content, mime_type, path.name))["id"])


async def _ledger(arguments: argparse.Namespace) -> None:
    async with EmulatorClient(arguments.url) as emulator:
        async for entry in emulator.ledger(arguments.after):
            _say(entry)


async def _stats(arguments: argparse.Namespace) -> None:
    async with EmulatorClient(arguments.url) as emulator:
        _say(await emulator.stats())


async def _script(arguments: argparse.Namespace) -> None:
    async with EmulatorClient(arguments.url) as emulator:
        if arguments.clear:
            await emulator.clear_script()
        if arguments.fault:
            await emulator.script(*(orjson.loads(one) for one in arguments.fault))


async def _reset(arguments: argparse.Namespace) -> None:
    async with EmulatorClient(arguments.url) as emulator:
        await emulator.reset()


def _say(value: dict[str, Any]) -> None:
    sys.stdout.write(f"{orjson.dumps(value).decode()}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("metagraph-emulator", description="A fake of Meta's Graph.")
    commands = parser.add_subparsers(required=True)

    def add(
        name: str, run: Callable[[argparse.Namespace], Coroutine[Any, Any, None]], text: str
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text)
        command.set_defaults(command=run)
        if run is not _serve:
            command.add_argument("--url", default=DEFAULT_URL, help="of the running emulator")
        return command

    serve = add("serve", _serve, "run the emulator")
    serve.add_argument("--port", type=int, help="default: SLUICE_EMULATOR_PORT, or a free one")
    serve.add_argument("--webhook", action="append", type=_pair, metavar="OBJECT=URL")
    send = add("send", _send, "let a person write")
    send.add_argument("--object", default=WHATSAPP, choices=(WHATSAPP, PAGE, INSTAGRAM))
    send.add_argument("--account", "--phone-number-id", required=True, help="whom they write to")
    send.add_argument("--from", dest="sender", required=True)
    send.add_argument("--text")
    send.add_argument("--file", type=Path, help="what they send, beside the text or without")
    send.add_argument("--name", default="Emulated Person")
    send.add_argument("--count", type=int, default=1)
    send.add_argument("--batch", type=int, default=1)
    send.add_argument("--duplicates", type=float, default=0.0)
    ledger = add("ledger", _ledger, "what it accepted, one JSON line each")
    ledger.add_argument("--after", type=int, default=0)
    add("stats", _stats, "counts")
    script = add("script", _script, "queue faults for the next sends")
    script.add_argument("fault", nargs="*", help='such as {"do": "error", "code": 190}')
    script.add_argument("--clear", action="store_true", help="drop those queued before")
    add("reset", _reset, "forget everything")
    return parser


def _pair(text: str) -> tuple[str, str]:
    name, mark, url = text.partition("=")
    if not mark:
        raise argparse.ArgumentTypeError("OBJECT=URL is expected")
    return name, url


if __name__ == "__main__":
    sys.exit(main())
