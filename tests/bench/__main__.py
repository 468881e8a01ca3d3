"""`make bench`: this machine's speed, in one run. `--quick` looks, `--write` keeps what was right.

    make bench                                   everything, some three minutes
    PYTHONPATH=tests .venv/bin/python -m bench --quick

Each part is a module of its own: webhooks.py, widget.py, outage.py, to_screen.py, storage.py,
history.py.
Everything they start listens on loopback, on free ports, and stops with them. Exit status 1 when
anything was answered wrongly, lost or doubled; a missed aim is reported and is no failure.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench import history, machine, outage, programs, report, storage, to_screen, webhooks, widget
from bench.figures import Section
from bench.sizes import SIZES, Size
from bench.stack import running_stack
from support.servers import folder, running_nats

RESULT = Path(__file__).resolve().parents[2] / "docs" / "results" / "bench.md"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    size = SIZES["quick" if options.quick else "full"]
    pieces: list[str] = []

    def tell(piece: str) -> None:
        pieces.append(piece)
        sys.stdout.write(f"{piece}\n")
        sys.stdout.flush()

    started = time.monotonic()
    with folder() as logs:
        tell(report.head(_command(options), machine.look(logs)))
        sections = run(size, logs, lambda section: tell(report.table(section)))
    tell(f"The run took {time.monotonic() - started:.0f} s.")
    wrong = any(section.errors for section in sections)
    if options.write and not wrong:
        RESULT.write_text("\n".join(pieces) + "\n")
    return 1 if wrong else 0


def run(size: Size, logs: Path, done: Callable[[Section], None] = lambda _: None) -> list[Section]:
    """Every measurement, one after another; `done` is told of each."""
    sections: list[Section] = []

    def keep(section: Section) -> None:
        sections.append(section)
        done(section)

    with running_nats() as nats:
        facts = programs.facts(nats.url)
        programs.make_streams(facts, logs)
        keep(webhooks.measure(size, facts, logs))
        keep(widget.measure(size, facts, logs))
        keep(outage.measure(size, facts, nats, logs))
    with running_stack(logs) as stack:
        keep(to_screen.measure(size, stack))
        keep(storage.measure(size, stack))
        keep(history.measure(size, stack))
    return sections


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure this machine.")
    parser.add_argument("--quick", action="store_true", help="half a minute, one round each")
    parser.add_argument("--write", action="store_true", help=f"write docs/results/{RESULT.name}")
    return parser.parse_args(arguments)


def _command(options: argparse.Namespace) -> str:
    flags = [f" --{name}" for name in ("quick", "write") if getattr(options, name)]
    return "PYTHONPATH=tests .venv/bin/python -m bench" + "".join(flags)


if __name__ == "__main__":
    sys.exit(main())
