"""Webhooks a second: ours with every message on disk before its 200, beside two that store nothing.

The three receivers take turns, round by round, so that a busy minute of the machine meets all of
them; a ratio is that of one round.
"""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from bench import programs
from bench.driver import Round, drive, job
from bench.figures import Section
from bench.programs import Receiver
from bench.sizes import Size
from sluice_local.facts import Facts

BARE = "bare"
OURS = "ingest-whatsapp"
PYWA = "pywa_app"


@dataclass(frozen=True)
class Row:
    """A receiver in words."""

    name: str
    what: str


ROWS = (
    Row(BARE, "bare aiohttp: body read, 200, nothing stored"),
    Row(OURS, "ingest-whatsapp: signature checked, on disk (fsync), then 200"),
    Row(PYWA, "pywa on FastAPI and uvicorn: signature checked, nothing stored"),
)

TO_BARE = 0.55
"""What durable receiving is to keep of bare aiohttp's speed."""
TO_PYWA = 3.0


def measure(size: Size, facts: Facts, logs: Path) -> Section:
    """Starts the three, posts in turns."""
    secret = facts.secrets.meta_app_secret
    rounds: dict[str, list[Round]] = {row.name: [] for row in ROWS}
    section = Section("webhooks")
    with ExitStack() as stack:
        receivers = [
            stack.enter_context(programs.module(BARE, logs)),
            stack.enter_context(programs.service(OURS, ("receive",), facts, logs)),
            stack.enter_context(programs.module(PYWA, logs, secret)),
        ]
        for number in range(size.rounds + 1):
            for receiver in receivers:
                one = _round(receiver, secret, size, size.post_s if number else size.warm_s)
                section.expect_none(
                    one.result.errors(), f"webhooks not answered 200 by {receiver.name}"
                )
                if number:
                    rounds[receiver.name].append(one)
        # pywa answers 200 also when it cannot read a message, and says so in its log alone.
        log = receivers[-1].running.program.log
        section.expect_none(len(log.read_text().splitlines()), "lines of complaint by pywa")
    _report(section, rounds)
    return section


def _round(receiver: Receiver, secret: str, size: Size, seconds: float) -> Round:
    return drive(
        receiver,
        job(
            receiver,
            secret,
            count=size.post_count,
            seconds=seconds,
            contacts=size.contacts,
            connections=size.connections,
        ),
    )


def _report(section: Section, rounds: dict[str, list[Round]]) -> None:
    for row in ROWS:
        rates = [one.per_second for one in rounds[row.name]]
        section.add(f"{row.name}.rate", row.what, "webhooks/s", rates)
    ours = [one.per_second for one in rounds[OURS]]
    for name, what, least in (
        (BARE, "ingest-whatsapp over bare aiohttp", TO_BARE),
        (PYWA, "ingest-whatsapp over pywa", TO_PYWA),
    ):
        theirs = [one.per_second for one in rounds[name]]
        ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
        section.add(f"over.{name}", what, "times", ratios, least=least, digits=2)
        mine, other = ([one.cpu_us for one in rounds[row]] for row in (OURS, name))
        cheaper = [one / another for one, another in zip(other, mine, strict=True)]
        section.add(f"over.{name}.cpu", f"{what}, by processor time", "times", cheaper, digits=2)
    for row in ROWS:
        cost = [one.cpu_us for one in rounds[row.name]]
        section.add(f"{row.name}.cpu", f"processor time a webhook, {row.name}", "µs", cost)
    generator = [one.generator_us for one in rounds[BARE]]
    section.add("generator.cpu", "processor time a webhook, the generator itself", "µs", generator)
    for quantile in ("p50", "p99"):
        latency = [getattr(one.result.latency_ms, quantile) for one in rounds[OURS]]
        what = f"ingest-whatsapp under this load, {quantile}"
        section.add(f"{OURS}.{quantile}", what, "ms", latency, digits=1)
