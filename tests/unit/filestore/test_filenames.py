"""File names: made harmless, and written into a header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filestore.filenames import MAX_BYTES, MAX_CHARACTERS, content_disposition, safe_filename

PDF = "application/pdf"


@pytest.mark.parametrize(
    ("name", "mime", "expected"),
    [
        ("invoice.pdf", PDF, "invoice.pdf"),
        ("Счёт № 5.pdf", PDF, "Счёт № 5.pdf"),
        (None, "image/jpeg", "file.jpg"),
        ("", "image/jpeg; charset=x", "file.jpg"),
        ("photo", "image/png", "photo.png"),
        ("photo", "application/x-nobody-knows", "photo.bin"),
        ("notes", "application/x-tar", "notes.tar"),
        ("a/b/c.pdf", PDF, "c.pdf"),
        ("..\\..\\windows\\evil.pdf", PDF, "evil.pdf"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("..", "text/plain", "file.txt"),
        ("/", "text/plain", "file.txt"),
        (".htaccess", "text/plain", "htaccess.txt"),
        ("a\r\nSet-Cookie: x.pdf", PDF, "a Set-Cookie_ x.pdf"),
        ("a\0b.pdf", PDF, "a b.pdf"),
        ("gpj.\u202eexe.pdf", PDF, "gpj.exe.pdf"),
        ("a\u200bb\ufeff.pdf", PDF, "ab.pdf"),
        ("👨‍👩‍👧.jpg", "image/jpeg", "👨‍👩‍👧.jpg"),
        ("half \ud83d.jpg", "image/jpeg", "half.jpg"),
        ('a<b>:"c|d?*.pdf', PDF, "a_b___c_d__.pdf"),
        ("  spaced   out  .pdf  ", PDF, "spaced out.pdf"),
        ("e\u0301.pdf", PDF, "\u00e9.pdf"),
        ("dots...", "text/plain", "dots.txt"),
        ("v1.2 final draft", PDF, "v1.2 final draft.pdf"),
        ("x" * 400 + ".docx", PDF, "x" * 145 + ".docx"),
        ("я" * 400 + ".pdf", PDF, "я" * 118 + ".pdf"),
    ],
)
def test_a_safe_name(name: str | None, mime: str, expected: str) -> None:
    assert safe_filename(name, mime) == expected


def test_a_name_made_to_be_slow_is_not_read_whole() -> None:
    marks = "\u0301\u0323" * 1_000_000  # composing these takes the square of their number
    assert safe_filename(f"a{marks}.pdf", PDF).endswith(".pdf")


@given(st.text(max_size=300), st.sampled_from([PDF, "image/jpeg", "x", ""]))
def test_a_safe_name_is_safe(name: str, mime: str) -> None:
    safe = safe_filename(name, mime)
    assert 0 < len(safe) <= MAX_CHARACTERS
    assert len(safe.encode()) <= MAX_BYTES
    assert not set(safe) & set('/\\\r\n\0<>:"|?*\u202e')
    assert not safe.startswith(".")
    assert safe_filename(safe, mime) == safe


@pytest.mark.parametrize(
    ("name", "inline", "expected"),
    [
        ("a b.pdf", False, 'attachment; filename="a b.pdf"'),
        ("a.png", True, 'inline; filename="a.png"'),
        (
            "Счёт.pdf",
            False,
            "attachment; filename=\"____.pdf\"; filename*=UTF-8''%D0%A1%D1%87%D1%91%D1%82.pdf",
        ),
        (
            'a"\\%.pdf',
            False,
            "attachment; filename=\"a___.pdf\"; filename*=UTF-8''a%22%5C%25.pdf",
        ),
        ("x'(1)*.pdf", False, 'attachment; filename="x\'(1)*.pdf"'),
        ("é'.pdf", False, "attachment; filename=\"_'.pdf\"; filename*=UTF-8''%C3%A9%27.pdf"),
        ("a\r\nX: y", False, 'attachment; filename="a  X: y"'),
        ("\ud800", False, 'attachment; filename=""'),
    ],
)
def test_a_header(name: str, inline: bool, expected: str) -> None:  # noqa: FBT001 - a row's column
    assert content_disposition(name, inline=inline) == expected


@given(st.text(max_size=200))
def test_a_header_is_one_line_of_ascii(name: str) -> None:
    value = content_disposition(name, inline=False)
    assert value.isascii()
    assert value.isprintable()
    assert value.split("; filename*=")[0].count('"') == 2
