"""What a file is: by its content, whatever it is said to be."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filestore.kinds import KINDS, MAX_MIME, ODF, OOXML, extension_of, plain_mime, safe_inline
from filestore.sniff import EXECUTED, sniff

UNKNOWN = "application/octet-stream"


def zipped(**entries: bytes) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return data.getvalue()


def iso(brand: bytes, *others: bytes) -> bytes:
    body = b"ftyp" + brand + b"\0\0\2\0" + b"".join(others)
    return (len(body) + 4).to_bytes(4) + body + b"\0\0\0\x08free"


def ogg(codec: bytes) -> bytes:
    return b"OggS\0\2" + bytes(20) + b"\x01\x13" + codec + bytes(20)


def ebml(kind: bytes) -> bytes:
    return b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82" + bytes([0x80 + len(kind)]) + kind


TYPES = zipped(**{"[Content_Types].xml": b"<Types/>"})
DOCX = zipped(**{"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})
XLSX = zipped(**{"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<w/>"})
PPTX = zipped(**{"[Content_Types].xml": b"<Types/>", "ppt/presentation.xml": b"<w/>"})
ODT = zipped(mimetype=f"{ODF}.text".encode(), **{"content.xml": b"<x/>"})
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (JPEG, "image/jpeg"),
        (PNG, "image/png"),
        (b"GIF89a\1\0\1\0", "image/gif"),
        (b"RIFF\x24\0\0\0WEBPVP8X\n\0\0\0", "image/webp"),
        (iso(b"heic", b"mif1", b"heic"), "image/heic"),
        (iso(b"mif1", b"mif1", b"heic"), "image/heic"),
        (iso(b"mif1", b"mif1"), "image/heif"),
        (iso(b"avif", b"mif1"), "image/avif"),
        (iso(b"isom", b"mp41"), "video/mp4"),
        (iso(b"mp42"), "video/mp4"),
        (iso(b"3gp4"), "video/3gpp"),
        (iso(b"3g2a"), "video/3gpp2"),
        (iso(b"qt  "), "video/quicktime"),
        (b"\0\0\1\0moov\0\0\0\x6cmvhd", "video/quicktime"),
        (iso(b"M4A "), "audio/mp4"),
        (ebml(b"webm"), "video/webm"),
        (ebml(b"matroska"), "video/x-matroska"),
        (ogg(b"OpusHead"), "audio/ogg"),
        (ogg(b"\x80theora"), "video/ogg"),
        (b"ID3\4\0\0\0\0\0\0", "audio/mpeg"),
        (b"\xff\xfb\x90\x64" + bytes(60), "audio/mpeg"),
        (b"\xff\xf3\x40\xc4" + bytes(60), "audio/mpeg"),
        (b"\xff\xf1\x50\x80\x02\x1f\xfc", "audio/aac"),
        (b"#!AMR\n\x3c", "audio/amr"),
        (b"#!AMR-WB\n\x3c", "audio/amr-wb"),
        (b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0", "audio/wav"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "application/pdf"),
        (zipped(**{"photos/a.jpg": JPEG}), "application/zip"),
        (zipped(), "application/zip"),
        (DOCX, f"{OOXML}.wordprocessingml.document"),
        (XLSX, f"{OOXML}.spreadsheetml.sheet"),
        (PPTX, f"{OOXML}.presentationml.presentation"),
        (ODT, f"{ODF}.text"),
        (OLE, UNKNOWN),
        (b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:A\r\nEND:VCARD", "text/vcard"),
        (b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n", "text/calendar"),
        (b"just words", "text/plain"),
        ("просто слова".encode(), "text/plain"),
        ("просто слова".encode()[:-1], "text/plain"),
        ("\ufeffbyte order mark".encode(), "text/plain"),
        ("\ufeffsixteen".encode("utf-16-le"), "text/plain"),
        (b"BM is how this text begins", "text/plain"),
        (b"MZ is how this text begins", "text/plain"),
        (b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", "image/bmp"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "application/x-7z-compressed"),
        (b"", UNKNOWN),
        (b" \n", UNKNOWN),
        (b"\xff", UNKNOWN),
        (bytes(100), UNKNOWN),
        (b"FWS\x09" + bytes(40), UNKNOWN),
    ],
)
def test_by_content_alone(head: bytes, expected: str) -> None:
    assert sniff(head, None, None) == expected


@pytest.mark.parametrize(
    ("head", "declared", "filename", "expected"),
    [
        # A declared type does not overrule content, nor does a name.
        (PNG, "image/jpeg", "x.jpg", "image/png"),
        (PNG, "text/html", "x.html", "image/png"),
        (JPEG, "image/svg+xml", None, "image/jpeg"),
        # What is no picture is not one for being called so.
        (b"\1\2\3\4", "image/jpeg", None, UNKNOWN),
        (b"just words", "image/png", "x.png", "text/plain"),
        (bytes(40), "video/mp4", None, UNKNOWN),
        # A container may hold what it is said to hold.
        (iso(b"isom"), "audio/mp4", None, "audio/mp4"),
        (iso(b"isom"), "audio/x-m4a", None, "audio/mp4"),
        (iso(b"isom"), "image/jpeg", None, "video/mp4"),
        (ebml(b"webm"), "audio/webm;codecs=opus", None, "audio/webm"),
        (ogg(b"OpusHead"), "audio/ogg; codecs=opus", None, "audio/ogg"),
        (TYPES, f"{OOXML}.spreadsheetml.sheet", None, f"{OOXML}.spreadsheetml.sheet"),
        (TYPES, None, "table.xlsx", f"{OOXML}.spreadsheetml.sheet"),
        (TYPES, "text/html", None, "application/zip"),
        (TYPES, "application/java-archive", None, "application/zip"),
        (OLE, "application/msword", None, "application/msword"),
        (OLE, None, "table.XLS", "application/vnd.ms-excel"),
        # Texts.
        (b"a,b\n1,2\n", "text/csv", None, "text/csv"),
        (b"a,b\n1,2\n", None, "x.csv", "text/csv"),
        (b'{"a": 1}', "application/json", None, "application/json"),
        (b"alert(1)", "text/plain", "x.txt", "text/plain"),
        (b"1 < 2 and 3 > 2", "text/plain", None, "text/plain"),
        # What a browser would execute.
        (b"<html><script>", "text/html", "x.html", UNKNOWN),
        (b"<html><script>", "text/plain", "x.txt", UNKNOWN),
        (b"\xef\xbb\xbf  <!DOCTYPE html>", None, None, UNKNOWN),
        ("\ufeff<script>".encode("utf-16-le"), "text/plain", None, UNKNOWN),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', "image/svg+xml", "x.svg", UNKNOWN),
        (b"<?xml version='1.0'?><a/>", "application/xml", None, UNKNOWN),
        (b"words first <ScRiPt >alert(1)", "text/csv", None, UNKNOWN),
        (b"alert(1)", "text/javascript", None, UNKNOWN),
        (b"alert(1)", "Application/X-JavaScript; charset=utf-8", None, UNKNOWN),
        (b"alert(1)", None, "x.js", UNKNOWN),
        (b"body{}", "text/css", None, UNKNOWN),
        (b"MIME-Version: 1.0", "message/rfc822", None, UNKNOWN),
        (bytes(40), "application/xhtml+xml", None, UNKNOWN),
        (bytes(40), "application/x-shockwave-flash", None, UNKNOWN),
        # What only programs open keeps its name.
        (bytes(40), "application/vnd.some-program", None, "application/vnd.some-program"),
        (bytes(40), "application/pdf", None, UNKNOWN),
        (bytes(40), "application/x\r\nY: z", None, UNKNOWN),
        (bytes(40), "no type", None, UNKNOWN),
    ],
)
def test_against_what_is_said(
    head: bytes, declared: str | None, filename: str | None, expected: str
) -> None:
    assert sniff(head, declared, filename) == expected


@given(st.binary(max_size=400), st.text(max_size=60), st.text(max_size=30))
def test_never_what_a_browser_executes(head: bytes, declared: str, filename: str) -> None:
    found = sniff(head, declared, filename)
    assert not EXECUTED.fullmatch(found)
    assert found.isascii()
    assert found.isprintable()


@pytest.mark.parametrize("mime", list(KINDS))
def test_no_known_type_is_executed_or_nameless(mime: str) -> None:
    assert not EXECUTED.fullmatch(mime)
    assert extension_of(mime).isalnum()


@pytest.mark.parametrize(
    ("mime", "expected"),
    [
        ("image/jpeg", True),
        ("image/jpg", True),
        ("Image/PNG; x=y", True),
        ("audio/ogg; codecs=opus", True),
        ("video/mp4", True),
        ("image/svg+xml", False),
        ("application/pdf", False),
        ("text/html", False),
        ("text/plain", False),
        ("video/x-nobody-knows", False),
        ("", False),
    ],
)
def test_what_may_be_shown_in_place(mime: str, expected: bool) -> None:  # noqa: FBT001 - a row
    assert safe_inline(mime) is expected


@pytest.mark.parametrize("said", ["/+" * 500_000, "a" * (MAX_MIME + 1), "text/" + "x" * 300])
def test_a_type_too_long_to_be_one_is_none(said: str) -> None:
    """Patterns are run over types, and take more than the length of a hostile one."""
    assert plain_mime(said) is None
    assert sniff(b"hello", said, None) == "text/plain"
