"""Pieces of an upload: who gets on is waited for, who trickles is not."""

import asyncio

import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol

from support.skipping import run_skipping
from widget_gateway.files.pieces import BEHIND_S, LEAST_PACE, SILENT_S, WHOLE_S, pieces
from widget_gateway.problems import Problem

BURST = 4 * 1024 * 1024
MINUTES_S = 200.0


async def _taken_s(first: int, size: int, every_s: float, whole_s: float) -> float | None:
    """How long a file was taken for before it was given up; None: it was taken whole.

    `first` bytes at once, then `size` more ever again, and its end after `whole_s`.
    """
    loop = asyncio.get_running_loop()
    protocol = BaseProtocol(loop)
    protocol.connection_made(asyncio.Transport())
    body = StreamReader(protocol, 2 * BURST, loop=loop)
    began = loop.time()

    async def send() -> None:
        body.feed_data(b"a" * first)
        while loop.time() - began < whole_s:
            await asyncio.sleep(every_s)
            body.feed_data(b"a" * size)
        body.feed_eof()

    sending = asyncio.create_task(send())
    try:
        async for _ in pieces(body):
            pass
    except Problem as problem:
        return loop.time() - began if problem.code == "too_slow" else None
    finally:
        sending.cancel()
    return None


@pytest.mark.parametrize(
    ("first", "size", "every_s"),
    [(1, LEAST_PACE, 1), (1, 10 * LEAST_PACE, 10), (BURST, 64 * LEAST_PACE, SILENT_S - 1)],
    ids=["slow and steady", "in bursts", "a fast line with gaps"],
)
def test_who_gets_on_is_waited_for(first: int, size: int, every_s: float) -> None:
    assert run_skipping(_taken_s(first, size, every_s, MINUTES_S)) is None


@pytest.mark.parametrize(
    ("first", "size", "every_s", "within_s"),
    [
        (1, 1, SILENT_S - 1, BEHIND_S),
        (BURST, 1, SILENT_S - 1, BEHIND_S),
        (1, LEAST_PACE // 2, 1, 2 * BEHIND_S),
        (1, 0, 3600, SILENT_S),
        (1, 16 * LEAST_PACE, 1, WHOLE_S),
    ],
    ids=["trickles", "trickles after a burst", "half the pace", "stands still", "never ends"],
)
def test_who_does_not_is_cut_off(first: int, size: int, every_s: float, within_s: float) -> None:
    took_s = run_skipping(_taken_s(first, size, every_s, 2 * WHOLE_S))
    assert took_s == pytest.approx(within_s, abs=2)
