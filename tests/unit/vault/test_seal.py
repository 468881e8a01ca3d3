"""Sealing: opens with its ring at its place, and nowhere else; keys turn without the secret."""

import traceback
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import CannotUnseal, NotSealed, Tampered, TooLarge, UnknownKey, WrongPurpose
from vault.keyring import KeyRing
from vault.seal import MAX_PLAIN_BYTES, Place, rewrap, seal, unseal, unseal_text

RING = KeyRing.new("channels", "k1")
HERE = Place(UUID(int=1), "channels", UUID(int=2), "secret")
SECRET = "EAAG-very-secret"


@given(st.binary(max_size=4096))
def test_what_was_sealed_opens_again(plain: bytes) -> None:
    sealed = seal(RING, plain, HERE)
    assert unseal(RING, sealed, HERE) == plain
    assert sealed.isascii()


@given(st.text(max_size=500))
def test_text_opens_as_text(plain: str) -> None:
    assert unseal_text(RING, seal(RING, plain, HERE), HERE) == plain


def test_the_same_secret_is_never_sealed_the_same() -> None:
    assert seal(RING, SECRET, HERE) != seal(RING, SECRET, HERE)
    assert SECRET not in seal(RING, SECRET, HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        HERE._replace(workspace=UUID(int=9)),
        HERE._replace(table="members"),
        HERE._replace(row=UUID(int=9)),
        HERE._replace(column="verify_token"),
        Place(f"{HERE.workspace}channels", "", HERE.row, HERE.column),
    ],
)
def test_moved_elsewhere_it_stays_closed(elsewhere: Place) -> None:
    with pytest.raises(Tampered):
        unseal(RING, seal(RING, SECRET, HERE), elsewhere)


@given(st.data())
def test_any_change_is_refused_and_says_nothing(data: st.DataObject) -> None:
    sealed = seal(RING, SECRET, HERE)
    at = data.draw(st.integers(0, len(sealed) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda c: c != sealed[at]))
    with pytest.raises(CannotUnseal) as refused:
        unseal(RING, sealed[:at] + other + sealed[at + 1 :], HERE)
    told = "".join(traceback.format_exception(refused.value))
    assert SECRET not in str(refused.value)
    assert sealed not in told


@pytest.mark.parametrize("segment", range(5))
def test_a_segment_of_another_sealed_text_is_refused(segment: int) -> None:
    other_ring = KeyRing.new("channels", "k2")
    mine, other = seal(RING, SECRET, HERE).split("."), seal(other_ring, "else", HERE).split(".")
    if mine[segment] == other[segment]:
        other[segment] = "x"
    mixed = ".".join([*mine[:segment], other[segment], *mine[segment + 1 :]])
    with pytest.raises(CannotUnseal):
        unseal(RING, mixed, HERE)


@pytest.mark.parametrize(
    "text",
    ["", SECRET, "sv1.channels...", "sv1.channels.k1.AA.AA", "sv2.channels.k1.a.b", "a" * 200_000],
)
def test_what_is_not_sealed_is_refused(text: str) -> None:
    with pytest.raises(NotSealed):
        unseal(RING, text, HERE)


def test_a_ring_opens_only_its_purpose() -> None:
    ai = KeyRing("ai", "k1", RING.keys)
    with pytest.raises(WrongPurpose):
        unseal(ai, seal(RING, SECRET, HERE), HERE)
    renamed = seal(RING, SECRET, HERE).replace(".channels.", ".ai.")
    with pytest.raises(Tampered):
        unseal(ai, renamed, HERE)


def test_more_than_a_secret_is_refused() -> None:
    with pytest.raises(TooLarge):
        seal(RING, b"x" * (MAX_PLAIN_BYTES + 1), HERE)
    assert len(unseal(RING, seal(RING, b"x" * MAX_PLAIN_BYTES, HERE), HERE)) == MAX_PLAIN_BYTES


def test_keys_turn_without_touching_the_ciphertext() -> None:
    sealed = seal(RING, SECRET, HERE)
    both = RING.with_new_key("k2")
    assert unseal_text(both, sealed, HERE) == SECRET
    turned = rewrap(both, sealed)
    assert turned.split(".")[2] == "k2"
    assert turned.split(".")[4] == sealed.split(".")[4]
    assert rewrap(both, turned) == turned
    new_only = KeyRing("channels", "k2", {"k2": both.keys["k2"]})
    assert unseal_text(new_only, turned, HERE) == SECRET
    with pytest.raises(UnknownKey, match="k1"):
        unseal(new_only, sealed, HERE)
    with pytest.raises(UnknownKey):
        rewrap(new_only, sealed)
