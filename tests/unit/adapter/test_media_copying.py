"""Digests as platforms write them, sizes by the table, and a download read from the other end."""

import asyncio
import base64

import pytest

from adapter.media.copying import digest_of
from adapter.media.incoming import PIECES_AHEAD, Incoming, incoming
from adapter.media.limits import META, WHATSAPP
from contracts.subjects import MIB
from metagraph.fates import DownloadError
from metagraph.filebody import Downloaded, Sink
from support.waiting import eventually, within

DIGEST = bytes(range(200, 232))


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        (DIGEST.hex(), DIGEST),
        (DIGEST.hex().upper(), DIGEST),
        (base64.b64encode(DIGEST).decode(), DIGEST),
        (base64.urlsafe_b64encode(DIGEST).decode(), DIGEST),
        (base64.b64encode(DIGEST).decode().rstrip("="), DIGEST),
        (None, None),
        ("", None),
        ("no digest", None),
        ("é" * 32, None),
        (base64.b64encode(DIGEST[:20]).decode(), None),
    ],
)
def test_a_digest_however_it_is_written(text: str | None, digest: bytes | None) -> None:
    assert digest_of(text) == digest


@pytest.mark.parametrize(
    ("declared", "filename", "most"),
    [
        ("audio/ogg; codecs=opus", None, 16 * MIB),
        ("VIDEO/MP4", None, 16 * MIB),
        ("image/jpeg", None, 16 * MIB),
        ("video/mp4", "film.mp4", 100 * MIB),
        ("application/pdf", "offer.pdf", 100 * MIB),
        (None, None, 100 * MIB),
    ],
)
def test_sizes_of_whatsapp(declared: str | None, filename: str | None, most: int) -> None:
    assert WHATSAPP.max_bytes(declared, filename) == most


@pytest.mark.parametrize("declared", [None, "video/mp4", "application/pdf"])
def test_sizes_of_pages(declared: str | None) -> None:
    assert META.max_bytes(declared, None) == 25 * MIB


class Source:
    """A download of so many pieces; then it ends, fails or hangs."""

    def __init__(self, pieces: int, end: Exception | None = None, *, hangs: bool = False) -> None:
        self.pieces = pieces
        self.end = end
        self.hangs = hangs
        self.given = 0
        self.cancelled = False

    async def __call__(self, sink: Sink) -> Downloaded:
        try:
            for number in range(self.pieces):
                await sink(b"%03d " % number)
                self.given += 1
            if self.hangs:
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        if self.end is not None:
            raise self.end
        return Downloaded(4 * self.pieces, bytes(32), None, b"")


@pytest.mark.parametrize("pieces", [0, 1, 2, 3, 50])
@pytest.mark.parametrize("head", [0, 1, 4, 5, 8, 100])
async def test_the_head_is_looked_at_and_nothing_is_lost(pieces: int, head: int) -> None:
    whole = b"".join(b"%03d " % number for number in range(pieces))
    async with incoming(Source(pieces)) as coming:
        assert await coming.head(head) == whole[:head]
        assert b"".join([piece async for piece in coming.rest()]) == whole
        assert coming.result.size == len(whole)


@pytest.mark.parametrize("head", [0, 4, 100])
async def test_a_failed_download_is_never_taken_for_its_end(head: int) -> None:
    async with incoming(Source(2, DownloadError("interrupted"))) as coming:
        with pytest.raises(DownloadError):
            await within(_all(coming, head))


async def _all(coming: Incoming, head: int) -> None:
    await coming.head(head)
    async for _ in coming.rest():
        pass


async def test_it_runs_only_a_few_pieces_ahead() -> None:
    source = Source(100)
    async with incoming(source) as coming:
        await eventually(lambda: source.given == PIECES_AHEAD)
        for _ in range(10):
            await asyncio.sleep(0)
        assert source.given == PIECES_AHEAD
        assert len([piece async for piece in coming.rest()]) == 100


@pytest.mark.parametrize("source", [Source(100), Source(1, hangs=True)], ids=["full", "hangs"])
async def test_leaving_stops_the_download(source: Source) -> None:
    async with incoming(source) as coming:
        await coming.head(1)
    assert source.cancelled
