"""The demo's files are what they say they are, and no two are alike."""

import pytest

from filestore.images import strip_location
from filestore.sniff import sniff
from sluice_local.demo.tiny import FILES, picture


@pytest.mark.parametrize("kind", sorted(FILES))
def test_they_are_what_they_say(kind: str) -> None:
    file = FILES[kind]("0123abcd-i1")
    assert sniff(file.content, None, None) == file.mime_type
    assert file.sha256 != FILES[kind]("0123abcd-i2").sha256
    assert len(file.content) < 1000


def test_a_picture_is_still_its_own_without_what_stands_beside_the_pixels() -> None:
    one, other = picture("a"), picture("b")
    assert strip_location(one.content, "image/png") == one.content
    assert one.content != other.content
