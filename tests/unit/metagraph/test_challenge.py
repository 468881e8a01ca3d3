"""The handshake echoes the challenge to who knows the token, and is 403 to everyone else."""

import pytest

from metagraph.challenge import MAX_CHALLENGE, Handshake, Outcome, respond

HANDSHAKE = Handshake([b"new-token", "tök".encode()])


@pytest.mark.parametrize(
    ("label", "change", "outcome"),
    [
        ("right", {}, "verified"),
        ("a token being rotated out", {"hub.verify_token": "tök"}, "verified"),
        ("the longest challenge", {"hub.challenge": "9" * MAX_CHALLENGE}, "verified"),
        ("markup is echoed as text", {"hub.challenge": "<script>"}, "verified"),
        ("wrong token", {"hub.verify_token": "new-toke"}, "wrong_token"),
        ("no token", {"hub.verify_token": None}, "wrong_token"),
        ("empty token", {"hub.verify_token": ""}, "wrong_token"),
        ("token of lone surrogates", {"hub.verify_token": "\udcff"}, "wrong_token"),
        ("another mode", {"hub.mode": "unsubscribe"}, "wrong_mode"),
        ("no mode", {"hub.mode": None}, "wrong_mode"),
        ("no challenge", {"hub.challenge": None}, "wrong_challenge"),
        ("empty challenge", {"hub.challenge": ""}, "wrong_challenge"),
        ("too long a challenge", {"hub.challenge": "9" * (MAX_CHALLENGE + 1)}, "wrong_challenge"),
        ("line ends in the challenge", {"hub.challenge": "1\r\n2"}, "wrong_challenge"),
    ],
)
def test_answer(label: str, change: dict[str, str | None], outcome: Outcome) -> None:
    full: dict[str, str | None] = {
        "hub.mode": "subscribe",
        "hub.verify_token": "new-token",
        "hub.challenge": "1158",
    }
    query = {name: value for name, value in (full | change).items() if value is not None}
    answer = HANDSHAKE.answer(query)
    assert answer.outcome == outcome, label
    assert answer.status == (200 if outcome == "verified" else 403)
    assert (answer.text == query.get("hub.challenge")) is (outcome == "verified")


def test_the_echo_cannot_become_a_page() -> None:
    answer = HANDSHAKE.answer(
        {"hub.mode": "subscribe", "hub.verify_token": "new-token", "hub.challenge": "<b>"}
    )
    response = respond(answer)
    assert response.content_type == "text/plain"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("tokens", [[], [b""], [b"a", b""]])
def test_without_tokens_there_is_no_handshake(tokens: list[bytes]) -> None:
    with pytest.raises(ValueError, match="token"):
        Handshake(tokens)
