"""Only bytes that Meta signed pass, and a process without a secret does not start."""

import hashlib
import hmac
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metagraph.signature import NoSecret, Signatures, Verdict, sign

OLD, NEW = b"old-secret", b"new-secret"
BODY = b'{"object":"whatsapp_business_account","entry":[]}'
GOOD = sign(BODY, NEW)
HEX = GOOD.removeprefix("sha256=")
SHA1 = hmac.digest(NEW, BODY, "sha1").hex()


@pytest.mark.parametrize(
    ("label", "header", "verdict"),
    [
        ("the newest secret", GOOD, Verdict.VALID),
        ("a secret being rotated out", sign(BODY, OLD), Verdict.VALID),
        ("no header", None, Verdict.MISSING),
        ("an empty header", "", Verdict.MISSING),
        ("another secret", sign(BODY, b"stranger"), Verdict.MISMATCH),
        ("another body", sign(BODY + b" ", NEW), Verdict.MISMATCH),
        ("zeros", f"sha256={'0' * 64}", Verdict.MISMATCH),
        ("no algorithm", HEX, Verdict.MALFORMED),
        ("only the algorithm", "sha256=", Verdict.MALFORMED),
        ("the old algorithm", f"sha1={SHA1}", Verdict.MALFORMED),
        ("sha1's digest under sha256's name", f"sha256={SHA1}", Verdict.MALFORMED),
        ("upper case digits", f"sha256={HEX.upper()}", Verdict.MALFORMED),
        ("upper case name", f"SHA256={HEX}", Verdict.MALFORMED),
        ("one digit short", GOOD[:-1], Verdict.MALFORMED),
        ("one digit long", GOOD + "0", Verdict.MALFORMED),
        ("a letter that is no digit", GOOD[:-1] + "g", Verdict.MALFORMED),
        ("two values joined by a proxy", f"{GOOD}, {GOOD}", Verdict.MALFORMED),
        ("space in front", f" {GOOD}", Verdict.MALFORMED),
        ("line end behind", f"{GOOD}\n", Verdict.MALFORMED),
        ("space inside", f"sha256= {HEX[1:]}", Verdict.MALFORMED),
        ("full-width digits", "sha256=" + "\uff10" * 64, Verdict.MALFORMED),
        ("a lone surrogate", "sha256=\udcff", Verdict.MALFORMED),
        ("a very long one", "sha256=" + "a" * 100_000, Verdict.MALFORMED),
    ],
)
def test_verdict(label: str, header: str | None, verdict: Verdict) -> None:
    found = Signatures([NEW, OLD]).verify(BODY, header)
    assert found is verdict, label
    assert bool(found) is (verdict is Verdict.VALID)


@pytest.mark.parametrize(
    "body",
    [
        rb'{"text":{"body":"\u00e4\u00f6\u00e5 \ud83d\ude00"},"url":"https:\/\/fb.me\/x"}',
        '{"text":{"body":"äöå 😀"}}'.encode(),
        b'{"broken":"\xff\xfe"}',
        b"",
        b"x" * 3_000_000,
    ],
    ids=["escaped as Meta does", "plain UTF-8", "not UTF-8", "empty", "3 MB"],
)
def test_the_bytes_of_the_wire_are_what_is_signed(body: bytes) -> None:
    header = f"sha256={hmac.new(NEW, body, hashlib.sha256).hexdigest()}"
    assert Signatures([NEW]).verify(body, header) is Verdict.VALID


def test_json_written_again_does_not_match() -> None:
    wire = rb'{"text":"\u00e4","url":"https:\/\/fb.me"}'
    again = json.dumps(json.loads(wire)).encode()
    assert Signatures([NEW]).verify(again, sign(wire, NEW)) is Verdict.MISMATCH


@pytest.mark.parametrize("secrets", [[], [b""], [NEW, b""]], ids=["none", "empty", "one empty"])
def test_without_secrets_there_is_no_checker(secrets: list[bytes]) -> None:
    with pytest.raises(NoSecret):
        Signatures(secrets)


def test_secrets_do_not_show() -> None:
    assert "secret'" not in repr(Signatures([NEW]))
    assert NEW.decode() not in repr(Signatures([NEW]))


@given(st.binary(max_size=200), st.text(max_size=80))
def test_any_header_gets_a_verdict_and_a_chance_one_never_passes(body: bytes, header: str) -> None:
    assert not Signatures([NEW, OLD]).verify(body, header)


@given(st.binary(max_size=200), st.binary(min_size=1, max_size=40))
def test_what_is_signed_verifies(body: bytes, secret: bytes) -> None:
    assert Signatures([secret]).verify(body, sign(body, secret))
