"""Every answer of Graph has one verdict: retry or not, and whether it is certain."""

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metagraph.errors import MAX_DELAY_S, Ambiguous, GraphError, NotSent, Unreachable, classify
from metagraph.taxonomy import CODES, RULES, Kind, rule


def graph(code: object, subcode: object = None, **more: object) -> bytes:
    error = {"message": "told in confidence", "type": "OAuthException", "code": code, **more}
    return json.dumps({"error": error | ({"error_subcode": subcode} if subcode else {})}).encode()


@pytest.mark.parametrize(
    ("label", "status", "body", "kind", "retry", "pause"),
    [
        ("token expired", 401, graph(190), "auth", False, True),
        ("auth exception", 401, graph(0), "auth", False, True),
        ("capability, oddly a 500", 500, graph(3), "auth", False, True),
        ("permission", 403, graph(10), "auth", False, True),
        ("a permission of the 200s", 403, graph(299), "auth", False, True),
        ("unknown account", 400, graph(100, 33), "auth", False, True),
        ("app throttle", 400, graph(4), "throttle_app", True, False),
        ("account throttle", 400, graph(80007), "throttle_app", True, False),
        ("page throttle", 400, graph(613, 1996), "throttle_app", True, False),
        ("throughput", 400, graph(130429), "throttle_phone", True, False),
        ("pair rate", 400, graph(131056), "throttle_pair", True, False),
        ("spam", 400, graph(131048), "quality", False, True),
        ("policy", 403, graph(368), "quality", False, True),
        ("page restricted, inside code 10", 403, graph(10, 1893063), "quality", False, True),
        ("one country", 403, graph(130497), "quality", False, False),
        ("24 hours", 400, graph(131047), "window", False, False),
        ("Messenger window, inside code 10", 403, graph(10, 2018278), "window", False, False),
        ("Instagram window, inside code 10", 403, graph(10, 2534022), "window", False, False),
        ("not on WhatsApp", 400, graph(131026), "undeliverable", False, False),
        ("person gone", 400, graph(551, 1545041), "undeliverable", False, False),
        ("no such person", 400, graph(100, 2018001), "undeliverable", False, False),
        ("person gone, other code", 403, graph(200, 1545041), "undeliverable", False, False),
        ("old window", 403, graph(10, 2018108), "window", False, False),
        ("not reviewed", 403, graph(200, 2018028), "auth", False, True),
        ("missing permission, said to be unknown", 500, graph(1, 99), "auth", False, True),
        ("page calls", 400, graph(32), "throttle_app", True, False),
        ("page throttle alone", 400, graph(613), "throttle_app", True, False),
        ("user calls", 400, graph(17), "throttle_app", True, False),
        ("marketing too often", 400, graph(4, 2018354), "declined", False, False),
        ("transient 1", 500, graph(1), "transient", True, False),
        ("transient 2", 500, graph(2), "transient", True, False),
        ("Instagram's own trouble", 500, graph(-1), "transient", True, False),
        ("no such person on Instagram", 400, graph(100, 2534014), "undeliverable", False, False),
        ("a URL Meta cannot fetch", 400, graph(9004), "media", True, False),
        ("terms of labels", 500, graph(2, 2018344), "auth", False, True),
        ("consent for a send is a permission", 403, graph(230), "auth", False, True),
        ("healthy ecosystem", 400, graph(131049), "declined", False, False),
        ("opted out", 400, graph(131050), "declined", False, False),
        ("something went wrong", 500, graph(131000), "transient", True, False),
        ("maintenance", 500, graph(131057), "transient", True, False),
        ("Messenger transient", 400, graph(1200), "transient", True, False),
        ("upload", 400, graph(131053), "media", True, False),
        ("fetch", 400, graph(100, 2018047), "media", True, False),
        ("billing", 400, graph(131042), "payment", False, True),
        ("parameter", 400, graph(100), "content", False, False),
        ("too big", 400, graph(100, 2018109), "content", False, False),
        ("template not listed", 400, graph(132099), "content", False, False),
        ("unlisted", 400, graph(987654), "unknown", False, False),
        ("unlisted, said to pass", 400, graph(987654, is_transient=True), "transient", True, False),
        ("unlisted, Meta's fault", 503, graph(987654), "transient", True, False),
        ("unlisted, 429", 429, graph(987654), "throttle_app", True, False),
        ("code as text", 400, graph("131047"), "window", False, False),
        ("an error answered 200", 200, graph(131047), "window", False, False),
        ("unknown subcode", 403, graph(10, 1), "auth", False, True),
        ("429 without Graph", 429, b"slow down", "throttle_app", True, False),
        ("404 without Graph", 404, b"<html>", "unknown", False, False),
        ("a redirect", 302, b"", "unknown", False, False),
    ],
)
def test_certainly_not_sent(
    label: str,
    status: int,
    body: bytes,
    kind: Kind,
    retry: bool,  # noqa: FBT001 - a column of the table
    pause: bool,  # noqa: FBT001 - a column of the table
) -> None:
    error = classify(status, body)
    assert isinstance(error, NotSent), label
    assert (error.kind, error.retry, error.rule.pause) == (kind, retry, pause), label


@pytest.mark.parametrize(
    ("call", "code", "subcode", "kind", "pause"),
    [
        ("profile", 100, 2018218, "undeliverable", False),
        ("profile", 100, 33, "undeliverable", False),
        ("profile", 230, None, "declined", False),
        ("profile", 10, None, "auth", False),
        ("profile", 10, 1893063, "quality", True),
        ("profile", 190, None, "auth", True),
        ("profile", 4, None, "throttle_app", False),
        ("media", 100, 33, "media", False),
        ("media", 100, None, "media", False),
        ("media", 131052, None, "media", False),
        ("send", 100, 33, "auth", True),
    ],
)
def test_some_codes_mean_something_else_in_some_calls(
    call: str,
    code: int,
    subcode: int | None,
    kind: Kind,
    pause: bool,  # noqa: FBT001 - a column of the table
) -> None:
    error = classify(400, graph(code, subcode), call=call)
    assert (error.kind, error.rule.pause) == (kind, pause)


def test_a_file_that_is_gone_is_not_asked_for_again() -> None:
    assert not classify(400, graph(100, 33), call="media").rule.retry
    assert classify(400, graph(131052), call="media").rule.retry


@pytest.mark.parametrize(
    ("message", "kind", "pause"),
    [
        ("(#100) Unsupported request - method type: post", "auth", True),
        ("User consent is required to access user profile", "declined", False),
        ("(#100) Param recipient is required", "content", False),
        (None, "content", False),
        (["Unsupported request - method type"], "content", False),
    ],
)
def test_words_decide_where_there_is_no_telling_code(
    message: object,
    kind: Kind,
    pause: bool,  # noqa: FBT001 - a column of the table
) -> None:
    error = classify(400, graph(100, message=message))
    assert (error.kind, error.rule.pause) == (kind, pause)


@pytest.mark.parametrize(
    ("label", "status", "body"),
    [
        ("500 page", 500, b"<html>sorry</html>"),
        ("502 empty", 502, b""),
        ("504", 504, b"upstream"),
        ("request timeout", 408, b""),
        ("500 with other JSON", 500, b'{"error":"boom"}'),
        ("500 with an error without code", 500, b'{"error":{"message":"x"}}'),
        ("500 with an array", 500, b"[]"),
        ("204", 204, b""),
    ],
)
def test_perhaps_sent(label: str, status: int, body: bytes) -> None:
    error = classify(status, body)
    assert isinstance(error, Ambiguous), label
    assert not error.rule.retry


def test_every_code_has_a_rule_and_every_rule_a_sentence() -> None:
    assert set(RULES) == set(get_args(Kind))
    for code in CODES:
        found = rule(*code) if isinstance(code, tuple) else rule(code)
        assert found is not None
        assert found.sentence.endswith(".")
        assert len(found.sentence) < 80


@pytest.mark.parametrize(
    ("code", "attempt", "delay"),
    [(131056, 1, 6), (131056, 2, 24), (131056, 3, 96), (131056, 99, MAX_DELAY_S), (4, 1, 60),
     (4, 2, 120), (131057, 1, 60), (190, 1, 0), (131056, -1, 6)],
)  # fmt: skip
def test_waits_grow_up_to_a_bound(code: int, attempt: int, delay: float) -> None:
    error = classify(400, graph(code))
    assert isinstance(error, NotSent)
    assert error.delay(attempt) == delay


@pytest.mark.parametrize(
    ("code", "retry_after", "delay"),
    [(4, "300", 300), (4, "5", 60), (4, "soon", 60), (4, "9" * 5000, 60), (190, "300", 0)],
)
def test_metas_own_wait_counts_when_it_is_longer(code: int, retry_after: str, delay: float) -> None:
    error = classify(400, graph(code), retry_after)
    assert isinstance(error, NotSent)
    assert error.delay(1) == delay


def test_what_is_logged_holds_codes_and_no_texts() -> None:
    assert str(classify(403, graph(10, 2018278))) == "window (10/2018278)"
    assert str(Unreachable("ClientConnectorDNSError")) == "ClientConnectorDNSError"


@given(st.integers(100, 599), st.binary(max_size=300))
def test_any_answer_has_a_verdict(status: int, body: bytes) -> None:
    assert isinstance(classify(status, body), GraphError)


@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.dictionaries(
    st.sampled_from(["error", "code", "error_subcode", "is_transient"]), x)))  # fmt: skip
def test_any_json_has_a_verdict(answer: object) -> None:
    assert isinstance(classify(400, json.dumps(answer).encode()), GraphError)
