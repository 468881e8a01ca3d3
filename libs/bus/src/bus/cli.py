"""`sluice`: make and check the streams, look after dead letters, replay a stretch of time.

    sluice bus apply [--replicas 3]      make what contracts.subjects says; run like migrations
    sluice bus verify                    say what differs
    sluice dead ls|show|retry|drop       look after dead letters
    sluice replay --from T --to T        publish a stretch of INBOUND again

The server: --nats-url, else SLUICE_NATS_URL. Exit codes: 0 done, 1 could not, 2 wrong usage,
3 the server differs from the table.
"""

import argparse
import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import entry_points

import structlog
from pydantic_settings import BaseSettings, SettingsConfigDict

from bus import apply, dead_commands
from bus.errors import BusError, Drift
from bus.jetstream import JetStreamBus, connect
from bus.replay import Replayed, replay

CONNECT_WITHIN_S = 10.0
DONE, COULD_NOT, DRIFTED = 0, 1, 3
COMMANDS = "sluice.commands"
"""The entry points by which services that are installed beside add commands of their own.

Each is a function that is given the subparsers. Its parser sets `command`, or, when it needs no
bus, `alone`: an async function of the options that answers the exit code.
"""

Command = Callable[[JetStreamBus, argparse.Namespace], Awaitable[int]]
Alone = Callable[[argparse.Namespace], Awaitable[int]]


class Settings(BaseSettings):
    """SLUICE_NATS_URL."""

    model_config = SettingsConfigDict(env_prefix="SLUICE_", frozen=True)

    nats_url: str = "nats://127.0.0.1:4222"


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script."""
    options = build_parser().parse_args(arguments)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    sys.exit(asyncio.run(_run(options)))


async def _run(options: argparse.Namespace) -> int:
    if options.alone is not None:
        alone: Alone = options.alone
        return await alone(options)
    command: Command = options.command
    url = options.nats_url or Settings().nats_url
    try:
        bus = await connect(url, name="sluice-cli", connect_within_s=options.connect_within)
        try:
            return await command(bus, options)
        finally:
            await bus.close()
    except Drift as error:
        _complain(str(error))
        return DRIFTED
    except BusError as error:
        _complain(str(error))
        return COULD_NOT


async def _apply(bus: JetStreamBus, options: argparse.Namespace) -> int:
    done = await apply.apply(bus.api, apply.wanted(options.replicas))
    for line in done or ["nothing to do: the server is as the table says"]:
        _say(line)
    return DONE


async def _verify(bus: JetStreamBus, _: argparse.Namespace) -> int:
    found = await apply.differences(bus.api, apply.wanted(await bus.replicas()))
    for line in found or ["the server is as the table says"]:
        _say(line)
    return DRIFTED if found else DONE


async def _replay(bus: JetStreamBus, options: argparse.Namespace) -> int:
    progress = Replayed()

    def tell(done: Replayed) -> None:
        nonlocal progress
        progress = done

    try:
        progress = await replay(
            bus,
            options.since,
            options.until,
            account=options.account,
            limit=options.limit,
            dry_run=options.dry_run,
            tell=tell,
        )
    except BusError as error:
        _complain(f"stopped near sequence {progress.up_to}: {error}; run it again, it is safe")
        return COULD_NOT
    verb = "would publish" if options.dry_run else "published"
    _say(f"{verb} {progress.events} events in {progress.messages} messages again")
    if progress.unreadable:
        _say(f"{progress.unreadable} messages could not be read as batches")
    return DONE


def build_parser() -> argparse.ArgumentParser:
    """Every command there is, with those that installed services add."""
    parser = argparse.ArgumentParser(
        prog="sluice",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--nats-url", help="servers, comma separated; else SLUICE_NATS_URL")
    parser.add_argument("--connect-within", type=float, default=CONNECT_WITHIN_S, metavar="SECONDS")
    parser.set_defaults(alone=None)
    areas = parser.add_subparsers(required=True, metavar="COMMAND")

    streams = areas.add_parser("bus", help="streams, consumers and buckets")
    verbs = streams.add_subparsers(required=True, metavar="apply | verify")
    making = verbs.add_parser("apply", help="make and update them; repeating it does nothing")
    making.add_argument("--replicas", type=int, choices=(1, 3, 5), default=1)
    making.set_defaults(command=_apply)
    verbs.add_parser("verify", help="say what differs").set_defaults(command=_verify)

    dead_commands.add_to(areas)

    again = areas.add_parser("replay", help="publish a stretch of INBOUND again")
    again.add_argument("--from", dest="since", type=_moment, required=True, metavar="TIME")
    again.add_argument("--to", dest="until", type=_moment, required=True, metavar="TIME")
    again.add_argument("--account", default="", help="only events of this platform account")
    again.add_argument("--limit", type=int, help="at most so many messages")
    again.add_argument("--dry-run", action="store_true", help="count, publish nothing")
    again.set_defaults(command=_replay)

    for entry in sorted(entry_points(group=COMMANDS), key=lambda entry: entry.name):
        try:
            entry.load()(areas)
        except ImportError as error:
            # A service that is half installed is no reason to leave the streams alone.
            _complain(f"the command {entry.name} cannot be loaded: {error}")
    return parser


def _moment(text: str) -> datetime:
    """ISO 8601; without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time; write 2026-05-01T12:00 (UTC) or with an offset"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _complain(line: str) -> None:
    sys.stderr.write(f"sluice: {line}\n")
