"""`sluice dead`: list, show, retry and drop dead letters; part of `bus.cli`."""

import argparse
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

from bus.jetstream import JetStreamBus
from bus.letters import Filter, Letter, Letters, NoWayBack

DONE, COULD_NOT, WRONG_USE = 0, 1, 2
LIST_LIMIT = 50


def add_to(areas: Any) -> None:
    """Add the `dead` area to the parser's areas."""
    area = areas.add_parser("dead", help="letters laid down because a service could not use them")
    verbs = area.add_subparsers(required=True, metavar="ls | show | retry | drop")

    listing = verbs.add_parser("ls", help="list them, oldest first")
    _add_filter(listing)
    listing.set_defaults(command=_list, limit=LIST_LIMIT)

    showing = verbs.add_parser("show", help="everything about one")
    showing.add_argument("number", type=int)
    showing.add_argument("--raw", action="store_true", help="only the body, byte for byte")
    showing.set_defaults(command=_show)

    for verb, command, what in (
        ("retry", _retry, "publish them where they came from, then remove them"),
        ("drop", _drop, "remove them for good"),
    ):
        acting = verbs.add_parser(verb, help=what)
        acting.add_argument("number", type=int, nargs="*")
        acting.add_argument("--all", action="store_true", help="every letter there is")
        _add_filter(acting)
        acting.set_defaults(command=command, limit=None)


def _add_filter(parser: argparse.ArgumentParser) -> None:
    for field in ("service", "reason", "channel", "account"):
        parser.add_argument(f"--{field}", default="")
    parser.add_argument("--limit", type=int)


async def _list(bus: JetStreamBus, options: argparse.Namespace) -> int:
    count = 0
    async for letter in Letters(bus).each(_filter(options), options.limit or LIST_LIMIT):
        count += 1
        where = " ".join(filter(None, (letter.channel, letter.account)))
        _say(
            f"{letter.number:>8}  {letter.at:%Y-%m-%d %H:%M:%S}  {letter.service}  "
            f"{letter.reason}  {where or '-'}  {letter.detail}"
        )
    total = (await bus.stream("DEAD")).messages
    _say(f"{count} shown; the stream holds {total}")
    return DONE


async def _show(bus: JetStreamBus, options: argparse.Namespace) -> int:
    letter = await Letters(bus).show(options.number)
    if options.raw:
        sys.stdout.buffer.write(letter.body)
        return DONE
    fields = {
        "number": letter.number,
        "laid down": f"{letter.at:%Y-%m-%d %H:%M:%S} UTC",
        "service": letter.service,
        "reason": letter.reason,
        "detail": letter.detail,
        "subject": letter.subject or "(none: it has never been an event; it cannot be retried)",
        "event": letter.event_id,
        "channel": letter.channel,
        "account": letter.account,
        "bytes": len(letter.body),
    }
    for name, value in fields.items():
        if value != "":
            _say(f"{name:>10}: {value}")
    _say("")
    _say(_readable(letter.body))
    return DONE


async def _retry(bus: JetStreamBus, options: argparse.Namespace) -> int:
    letters = Letters(bus)
    done = stuck = 0
    if _nothing_named(options):
        return WRONG_USE
    async for letter in _chosen(letters, options):
        try:
            await letters.retry(letter)
        except NoWayBack as error:
            stuck += 1
            sys.stderr.write(f"sluice: {error}\n")
        else:
            done += 1
    _say(f"{done} retried" + (f", {stuck} cannot be" if stuck else ""))
    return COULD_NOT if stuck else DONE


async def _drop(bus: JetStreamBus, options: argparse.Namespace) -> int:
    letters = Letters(bus)
    done = 0
    if _nothing_named(options):
        return WRONG_USE
    async for letter in _chosen(letters, options):
        await letters.drop(letter)
        done += 1
    _say(f"{done} dropped")
    return DONE


async def _chosen(letters: Letters, options: argparse.Namespace) -> AsyncIterator[Letter]:
    for number in options.number:
        yield await letters.show(number)
    if not options.number:
        async for letter in letters.each(_filter(options), options.limit):
            yield letter


def _nothing_named(options: argparse.Namespace) -> bool:
    """All letters at once only when --all says so."""
    if options.all or options.number or _filter(options) != Filter():
        return False
    sys.stderr.write("sluice: name letters by number or by a filter, or say --all\n")
    return True


def _filter(options: argparse.Namespace) -> Filter:
    return Filter(options.service, options.reason, options.channel, options.account)


def _readable(body: bytes) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return body.decode(errors="backslashreplace")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
