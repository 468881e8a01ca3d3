"""Images lose the place they were taken at and keep how they look."""

import zlib
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filestore.errors import BadImage
from filestore.exif import only_orientation, orientation_of
from filestore.images import strip_location, strips
from filestore.jpeg import SLICE

PLACE = b"51.5007N 0.1246W"
"""Stands for the GPS block: wherever it was, no byte of it may be left."""


def tiff(orientation: int, order: str = "MM") -> bytes:
    """A block with a maker's note, an orientation and a place."""
    endian: Literal["big", "little"] = "big" if order == "MM" else "little"
    head = order.encode() + (42).to_bytes(2, endian) + (8).to_bytes(4, endian)
    make = b"".join(
        part.to_bytes(size, endian) for part, size in ((271, 2), (2, 2), (1, 4), (0, 4))
    )
    turned = b"".join(
        part.to_bytes(size, endian) for part, size in ((274, 2), (3, 2), (1, 4), (orientation, 2))
    )
    return head + (2).to_bytes(2, endian) + make + turned + b"\0\0" + bytes(4) + PLACE


def segment(marker: int, payload: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2) + payload


JFIF = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
ICC = segment(0xE2, b"ICC_PROFILE\0\1\1colours")
ADOBE = segment(0xEE, b"Adobe\0\x64\0\0\0\0\1")
XMP = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x exif:GPS='" + PLACE + b"'/>")
MORE_PICTURES = segment(0xE2, b"MPF\0" + PLACE)
PHOTOSHOP = segment(0xED, b"Photoshop 3.0\0" + PLACE)
COMMENT = segment(0xFE, PLACE)
TABLES = segment(0xDB, bytes(65)) + segment(0xC2, bytes(15)) + segment(0xC4, bytes(20))
PIXELS = segment(0xDA, b"\1\1\0\0\x3f\0") + b"pixels\xff\0pixels\xff\xd0pixels"
"""A scan with an escaped 0xFF and a restart in it."""
SCANS = TABLES + PIXELS + segment(0xC4, bytes(20)) + PIXELS
"""Of a progressive image: tables between scans."""


def exif(orientation: int, order: str = "MM") -> bytes:
    return segment(0xE1, b"Exif\0\0" + tiff(orientation, order))


def jpeg(*segments: bytes, scans: bytes = SCANS, behind: bytes = b"") -> bytes:
    return b"\xff\xd8" + b"".join(segments) + scans + b"\xff\xd9" + behind


def chunk(name: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4) + name + data + zlib.crc32(name + data).to_bytes(4)


IHDR = chunk(b"IHDR", b"\0\0\0\1\0\0\0\1\x08\2\0\0\0")
IDAT = chunk(b"IDAT", zlib.compress(b"\0\1\2\3"))
IEND = chunk(b"IEND", b"")


def png(*chunks: bytes, behind: bytes = b"") -> bytes:
    return b"\x89PNG\r\n\x1a\n" + IHDR + b"".join(chunks) + IEND + behind


def riff(name: bytes, data: bytes) -> bytes:
    return name + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2)


def webp(*chunks: bytes, behind: bytes = b"") -> bytes:
    return riff(b"RIFF", b"WEBP" + b"".join(chunks)) + behind


def vp8x(flags: int) -> bytes:
    return riff(b"VP8X", bytes([flags]) + bytes(9))


VP8 = riff(b"VP8 ", b"odd")
TURNED = only_orientation(6)


@pytest.mark.parametrize(
    ("mime", "image", "expected"),
    [
        ("image/jpeg", jpeg(JFIF), jpeg(JFIF)),
        ("image/jpg", jpeg(JFIF, COMMENT), jpeg(JFIF)),
        ("image/jpeg", jpeg(JFIF, ICC, ADOBE), jpeg(JFIF, ICC, ADOBE)),
        ("image/jpeg", jpeg(exif(1), XMP, PHOTOSHOP, MORE_PICTURES), jpeg()),
        ("image/jpeg", jpeg(exif(6)), jpeg(segment(0xE1, b"Exif\0\0" + TURNED))),
        ("image/jpeg", jpeg(exif(6, "II")), jpeg(segment(0xE1, b"Exif\0\0" + TURNED))),
        ("image/jpeg", jpeg(JFIF, exif(6)), jpeg(JFIF, segment(0xE1, b"Exif\0\0" + TURNED))),
        ("image/jpeg", jpeg(JFIF, behind=jpeg(exif(1)) + PLACE), jpeg(JFIF)),
        ("image/jpeg", jpeg(scans=SCANS + XMP), jpeg()),
        ("image/jpeg", jpeg(b"\xff\xff", exif(1)[1:]), jpeg()),
        ("image/png", png(IDAT), png(IDAT)),
        ("image/png", png(chunk(b"gAMA", b"1"), IDAT), png(chunk(b"gAMA", b"1"), IDAT)),
        ("image/png", png(IDAT, chunk(b"eXIf", tiff(1))), png(IDAT)),
        ("image/png", png(chunk(b"eXIf", tiff(6)), IDAT), png(chunk(b"eXIf", TURNED), IDAT)),
        ("image/png", png(chunk(b"iTXt", b"XML:com.adobe.xmp" + PLACE), IDAT), png(IDAT)),
        ("image/png", png(chunk(b"tEXt", PLACE), chunk(b"zTXt", PLACE), IDAT), png(IDAT)),
        ("image/png", png(chunk(b"prVt", PLACE), IDAT, behind=PLACE), png(IDAT)),
        ("image/webp", webp(VP8), webp(VP8)),
        ("image/webp", webp(vp8x(0x1C), VP8, riff(b"EXIF", tiff(1))), webp(vp8x(0x10), VP8)),
        (
            "image/webp",
            webp(vp8x(0x0C), VP8, riff(b"EXIF", b"Exif\0\0" + tiff(6)), riff(b"XMP ", PLACE)),
            webp(vp8x(0x08), VP8, riff(b"EXIF", TURNED)),
        ),
        ("image/webp", webp(VP8, riff(b"note", PLACE), behind=PLACE), webp(VP8)),
    ],
)
def test_a_place_is_taken_out(mime: str, image: bytes, expected: bytes) -> None:
    stripped = strip_location(image, mime)
    assert stripped == expected
    assert PLACE not in stripped
    assert strip_location(stripped, mime) == stripped


@pytest.mark.parametrize("cut", range(len(jpeg(JFIF)) - len(PIXELS), len(jpeg(JFIF))))
def test_a_jpeg_cut_off_within_its_pixels_is_ended_there(cut: int) -> None:
    whole = jpeg(JFIF, exif(1))
    short = whole[: cut + len(exif(1))]
    stripped = strip_location(short, "image/jpeg")
    assert stripped.startswith(jpeg(JFIF)[: cut - len(PIXELS)])
    assert stripped.endswith(b"\xff\xd9")
    assert PLACE not in stripped


@pytest.mark.parametrize(
    ("mime", "image"),
    [
        ("image/jpeg", b""),
        ("image/jpeg", b"\xff\xd8"),
        ("image/jpeg", b"\xff\xd8" + b"\xff" * 50),
        ("image/jpeg", png(IDAT)),
        ("image/jpeg", jpeg(JFIF, exif(6))[:40]),
        ("image/jpeg", jpeg(JFIF, scans=b"")),
        ("image/jpeg", jpeg(scans=b"\xff\xe1\0\0" + PLACE)),
        ("image/jpeg", jpeg(b"no marker")),
        ("image/png", b""),
        ("image/png", jpeg(JFIF)),
        ("image/png", b"\x89PNG\r\n\x1a\n"),
        ("image/png", png(IDAT)[:-1]),
        ("image/png", png(IDAT)[:50]),
        ("image/png", b"\x89PNG\r\n\x1a\n" + IDAT + IEND),
        ("image/webp", b""),
        ("image/webp", webp(VP8)[:-1]),
        ("image/webp", webp()),
        ("image/webp", webp(riff(b"EXIF", tiff(6)))),
        ("image/webp", webp(riff(b"VP8X", b""), VP8)),
        ("image/webp", webp(b"VP8 \xff\xff\xff\xff")),
    ],
)
def test_what_cannot_be_read_is_refused(mime: str, image: bytes) -> None:
    with pytest.raises(BadImage):
        strip_location(image, mime)


MANY = 2_000_000


@pytest.mark.parametrize(
    ("mime", "bomb"),
    [
        ("image/jpeg", b"\xff\xd8" + segment(0xDB, b"") * MANY + PIXELS),
        ("image/jpeg", b"\xff\xd8" + segment(0xDA, b"") * MANY),
        ("image/png", png(chunk(b"IDAT", b"") * MANY)),
        ("image/webp", webp(riff(b"ALPH", b"") * MANY, VP8)),
    ],
    ids=["segments", "scans", "chunks", "riff"],
)
def test_an_image_of_millions_of_empty_pieces_is_refused(mime: str, bomb: bytes) -> None:
    """Each would be kept as an object of its own."""
    with pytest.raises(BadImage, match="too many"):
        strip_location(bomb, mime)


@pytest.mark.parametrize("before", [0, SLICE - 1, SLICE, SLICE + 1, 3 * SLICE])
def test_pixels_end_where_the_next_marker_is_wherever_that_stands(before: int) -> None:
    scan = segment(0xDA, b"") + b"\xff\0" * 9 + bytes(before)
    image = b"\xff\xd8" + scan + b"\xff" * 5 + COMMENT + scan + b"\xff\xd9" + PLACE
    assert strip_location(image, "image/jpeg") == b"\xff\xd8" + scan + scan + b"\xff\xd9"


@given(
    st.sampled_from(
        [("image/jpeg", jpeg(JFIF, exif(6))), ("image/png", png(IDAT)), ("image/webp", webp(VP8))]
    ),
    st.integers(0, 200),
    st.binary(min_size=1, max_size=8),
)
def test_damage_is_refused_or_read_and_never_anything_else(
    image: tuple[str, bytes], at: int, damage: bytes
) -> None:
    mime, data = image
    damaged = data[:at] + damage + data[at + len(damage) :]
    try:
        stripped = strip_location(damaged, mime)
    except BadImage:
        return
    assert len(stripped) <= len(damaged) + 64


@pytest.mark.parametrize("mime", ["image/gif", "video/mp4", "application/pdf", "", "image/heic"])
def test_other_types_are_left_and_said_to_be(mime: str) -> None:
    assert strip_location(PLACE, mime) == PLACE
    assert not strips(mime)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        (tiff(3), 3),
        (tiff(8, "II"), 8),
        (tiff(0), 1),
        (tiff(9), 1),
        (tiff(6)[:30], 1),
        (b"", 1),
        (b"Exif\0\0", 1),
        (b"MM\0*\xff\xff\xff\xff", 1),
        (b"II*\0\x08\0\0\0\xff\xff" + bytes(40), 1),
        (only_orientation(5), 5),
        (b"Exif\0\0" + only_orientation(2), 2),
    ],
)
def test_which_side_is_up(block: bytes, expected: int) -> None:
    assert orientation_of(block) == expected


def test_an_upright_image_needs_no_block() -> None:
    assert only_orientation(1) == b""
