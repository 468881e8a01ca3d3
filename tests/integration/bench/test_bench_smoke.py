"""Every part of the benchmark, so small that only its rightness shows: no speed is judged here."""

import asyncio
from pathlib import Path

import pytest

from bench.__main__ import run
from bench.connection import connect
from bench.figures import Figure, Section
from bench.load import Run
from bench.machine import Machine, look
from bench.percentiles import Spread, spread
from bench.report import head, table
from bench.sizes import SIZES
from support.servers import folder

FIGURES = {
    "webhooks": {
        "bare.rate", "ingest-whatsapp.rate", "pywa_app.rate",
        "over.bare", "over.bare.cpu", "over.pywa_app", "over.pywa_app.cpu",
        "bare.cpu", "ingest-whatsapp.cpu", "pywa_app.cpu", "generator.cpu",
        "ingest-whatsapp.p50", "ingest-whatsapp.p99",
    },
    "NATS away": {
        "hangs.p50", "hangs.p99", "hangs.slowest", "gone.p50", "gone.p99", "gone.slowest",
    },
    "widget": {
        "socket.idle", "socket.busy", "accepted.p50", "accepted.p99", "shown.p50", "shown.p99",
        "widget.cpu",
    },
    "webhook to screen": {"screen.p50", "screen.p99", "screen.most", "answer.p99"},
    "INBOUND to Postgres": {"events.rate", "events.cpu"},
    "a visitor's history": {"history.rate", "history.p99", "history.cpu"},
}  # fmt: skip


@pytest.mark.timeout(600)
def test_every_part_measures_and_nothing_is_refused_lost_or_doubled() -> None:
    with folder() as logs:
        sections = run(SIZES["tiny"], logs)
    assert [error for section in sections for error in section.errors] == []
    assert {s.title: {figure.key for figure in s.figures} for s in sections} == FIGURES
    for section in sections:
        for figure in section.figures:
            assert all(number >= 0 for number in figure.rounds), figure


def test_the_machine_is_described(tmp_path: Path) -> None:
    facts = dict(look(tmp_path).rows)
    assert "cores" in facts["processor"]
    assert "fsync" in facts["disk"]
    assert "absent" not in facts["packages"]


def test_a_report_names_its_command_its_aims_and_what_went_wrong() -> None:
    section = Section(
        "webhooks",
        [Figure("over.bare", "ours over bare", "times", (0.4, 0.6), 0.55, 2)],
        note="The emulator stands in.",
    )
    section.expect_none(2, "webhooks not answered 200")
    assert "`make bench`" in head("make bench", Machine((("disk", "ext4"),)))
    section.add("socket.idle", "memory", "KiB", (41.0,), most=40)
    text = table(section)
    assert text.startswith("## webhooks\n\nThe emulator stands in.\n\n| What |")
    assert "| ours over bare | 0.50 times | 0.40 to 0.60 | ≥ 0.55 | not reached |" in text
    assert "| memory | 41 KiB | one | ≤ 40 | not reached |" in text
    assert "**Wrong: webhooks: 2 webhooks not answered 200**" in text


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([], Spread()),
        ([7.0], Spread(7, 7, 7, 7)),
        ([float(n) for n in range(1, 101)], Spread(1, 50, 99, 100)),
    ],
    ids=["none", "one", "a hundred"],
)
def test_the_spread_of_numbers(numbers: list[float], expected: Spread) -> None:
    assert spread(numbers) == expected


async def test_a_connection_that_breaks_loses_its_request_and_ends_the_run() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        run = Run([b"POST / HTTP/1.1\r\n\r\n"] * 2, seconds=30)
        port = server.sockets[0].getsockname()[1]
        await run.drive(await connect(run, "127.0.0.1", port, 1))
    assert (run.lost, dict(run.answers)) == (1, {})
