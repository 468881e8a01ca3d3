"""What we hand out and take back: only ours, only for its purpose, through a change of keys."""

import pytest

from vault.signing import Signer

OLD, NEW = b"o" * 32, b"n" * 32


def test_what_is_wrapped_comes_back() -> None:
    signer = Signer([NEW])
    assert signer.unwrap("cursor", signer.wrap("cursor", b"data")) == b"data"


def test_old_keys_still_verify_and_new_ones_sign() -> None:
    word, tag = Signer([OLD]).wrap("cursor", b"data"), Signer([OLD]).tag("csrf", b"session")
    both = Signer([NEW, OLD])
    assert both.unwrap("cursor", word) == b"data"
    assert both.proves("csrf", b"session", tag)
    assert Signer([NEW]).unwrap("cursor", both.wrap("cursor", b"data")) == b"data"
    assert not Signer([NEW]).proves("csrf", b"session", tag)


@pytest.mark.parametrize("word", ["", "A", "!" * 30, "A" * 22, "A" * 200, "é" * 30])
def test_what_is_not_ours(word: str) -> None:
    signer = Signer([NEW])
    assert signer.unwrap("cursor", word) is None
    assert not signer.proves("csrf", b"session", word)


def test_every_bit_and_the_purpose_count() -> None:
    signer = Signer([NEW])
    word = signer.wrap("cursor", b"data")
    assert signer.unwrap("csrf", word) is None
    for place in range(0, len(word), 3):
        changed = word[:place] + ("A" if word[place] != "A" else "B") + word[place + 1 :]
        assert signer.unwrap("cursor", changed) is None


def test_purposes_do_not_run_into_the_data() -> None:
    signer = Signer([NEW])
    assert not signer.proves("c", b"ursor-data", signer.tag("cursor", b"-data"))


def test_without_a_key_nothing_is_signed() -> None:
    with pytest.raises(ValueError, match="needs a key"):
        Signer([])
