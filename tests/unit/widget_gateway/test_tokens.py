"""Tokens: what they hold, how long, and for whom."""

from uuid import uuid4

import pytest

from contracts.subjects import BUCKETS
from support.clock import Clock
from vault.signing import Signer
from widget_gateway.frames.said import Hello
from widget_gateway.sessions.proofs import MAX_EMAIL, MAX_NAME_BYTES, MAX_USER_BYTES
from widget_gateway.sessions.tokens import (
    ANONYMOUS_S,
    IDENTIFIED_S,
    MAX_TOKEN,
    REMEMBERED_S,
    SessionRefused,
    Tokens,
)
from widget_gateway.visitor import new_id

CHANNEL = uuid4()
KEY, OLDER = b"k" * 32, b"o" * 32


def tokens(clock: Clock | None = None, *keys: bytes) -> Tokens:
    return Tokens(Signer(keys or (KEY,)), clock or Clock())


def refused(reader: Tokens, token: str) -> str:
    with pytest.raises(SessionRefused) as caught:
        reader.read(CHANNEL, token)
    return caught.value.code


@pytest.mark.parametrize(
    "proven",
    [(None, None, None), ("u1", None, None), ("u1", "Ada", "a@b.example"), ("ü.1", "名前", None)],
)
def test_what_is_written_is_read(proven: tuple[str | None, ...]) -> None:
    visitor = tokens().visitor(CHANNEL, new_id(), new_id(), *proven)
    assert tokens().read(CHANNEL, tokens().write(visitor)) == visitor


@pytest.mark.parametrize(("user_id", "life_s"), [(None, ANONYMOUS_S), ("u1", IDENTIFIED_S)])
def test_a_token_lives_as_long_as_it_may(user_id: str | None, life_s: int) -> None:
    clock = Clock()
    mine = tokens(clock)
    token = mine.write(mine.visitor(CHANNEL, new_id(), new_id(), user_id))
    clock.forward(life_s - 1)
    assert mine.read(CHANNEL, token).user_id == user_id
    clock.forward(1)
    assert refused(mine, token) == "session_expired"


def test_an_expired_token_is_known_as_long_as_its_end_would_be() -> None:
    clock = Clock()
    mine = tokens(clock)
    visitor = mine.visitor(CHANNEL, new_id(), new_id(), "u1")
    token = mine.write(visitor)
    clock.forward(REMEMBERED_S - 1)
    assert mine.read_late(CHANNEL, token) == visitor
    clock.forward(1)
    with pytest.raises(SessionRefused, match="session_expired"):
        mine.read_late(CHANNEL, token)


def test_an_end_is_remembered_as_long_as_a_token_counts() -> None:
    (bucket,) = (bucket for bucket in BUCKETS if bucket.name == "ended-sessions")
    assert bucket.ttl_s is not None
    assert bucket.ttl_s >= max(REMEMBERED_S, ANONYMOUS_S, IDENTIFIED_S)


def test_a_token_is_of_its_channel_and_of_its_keys() -> None:
    here = tokens()
    theirs = here.write(here.visitor(uuid4(), new_id(), new_id()))
    assert refused(here, theirs) == "session_refused"
    good = here.write(here.visitor(CHANNEL, new_id(), new_id()))
    assert refused(tokens(None, OLDER), good) == "session_refused"
    assert tokens(None, OLDER, KEY).read(CHANNEL, good).channel_id == CHANNEL


@pytest.mark.parametrize(
    "payload",
    [b"1", b"2\x1f" + b"\x1f".join([b"0"] * 7), b"1\x1f" + b"\x1f".join([b"0"] * 8)],
)
def test_a_signed_word_that_is_no_token_of_this_release(payload: bytes) -> None:
    word = Signer([KEY]).wrap(f"visitor-session:{CHANNEL}", payload)
    assert refused(tokens(), word) == "session_refused"


@pytest.mark.parametrize(
    "purpose", ["visitor-session", f"file:{CHANNEL}", ""], ids=["no channel", "a file", "nothing"]
)
def test_words_signed_for_something_else(purpose: str) -> None:
    good = tokens().visitor(CHANNEL, new_id(), new_id())
    raw = Signer([KEY]).unwrap(f"visitor-session:{CHANNEL}", tokens().write(good))
    assert raw is not None
    assert refused(tokens(), Signer([KEY]).wrap(purpose, raw)) == "session_refused"


def test_the_longest_token_fits_a_frame() -> None:
    email = ("ä" * MAX_EMAIL)[: MAX_EMAIL // 2]
    visitor = tokens().visitor(
        CHANNEL, new_id(), new_id(), "u" * MAX_USER_BYTES, "n" * MAX_NAME_BYTES, email
    )
    token = tokens().write(visitor)
    assert len(token) <= MAX_TOKEN
    assert Hello(t="hello", proto=1, token=token).token == token


def test_no_field_can_pose_as_two() -> None:
    visitor = tokens().visitor(CHANNEL, new_id(), new_id(), "u1\x1fAda")
    with pytest.raises(ValueError, match="control character"):
        tokens().write(visitor)
