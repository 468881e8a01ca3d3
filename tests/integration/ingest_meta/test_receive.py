"""What Meta's webhooks are answered, and what they leave behind: over the fake and the real bus."""

import json
from collections import Counter
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from contracts import subjects
from ingest_meta.channels import CHANNELS, META
from ingest_meta.main import PATH
from metagraph.signature import sign
from support import meta
from support.goldens import DATA, Goldens
from support.whatsapp_gate import OLD_SECRET, SECRET, Gate

RECORDED = {channel: Goldens(META, DATA / channel).payloads for channel in CHANNELS}


def recorded(channel: str, name: str) -> bytes:
    return (DATA / channel / f"{name}.json").read_bytes()


def page(*acts: object) -> bytes:
    return meta.body(meta.PAGE_OBJECT, meta.entry(meta.PAGE, *acts))


async def test_it_listens_where_the_service_does(gate: Gate) -> None:
    assert gate.url.endswith(PATH)


async def test_both_objects_come_in_by_one_door_and_leave_by_their_own(gate: Gate) -> None:
    instagram = meta.entry(meta.INSTAGRAM, meta.ig_text(1))
    assert await gate.post(page(meta.text(1))) == (200, "stored")
    assert await gate.post(meta.body(meta.INSTAGRAM_OBJECT, instagram)) == (200, "stored")
    events = await gate.events()
    assert [(event["channel"], event["account"]) for event in events] == [
        ("messenger", meta.PAGE),
        ("instagram", meta.INSTAGRAM),
    ]
    for channel in CHANNELS:
        (stored,) = await gate.rig.bus.read("INBOUND", subjects.inbound(channel), 0, 10)
        assert [event["channel"] for event in json.loads(stored.body)] == [channel]


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "sha256=" + "0" * 64,
        sign(page(meta.text(2)), SECRET),
        sign(page(meta.text(1)), b"another secret"),
    ],
    ids=["none", "zeros", "of another body", "of another secret"],
)
async def test_without_a_right_signature_nothing_is_stored(
    gate: Gate, signature: str | None
) -> None:
    assert await gate.post(page(meta.text(1)), signature=signature) == (401, "unsigned")
    assert await gate.events() == []
    assert await gate.dead() == []


async def test_the_secret_of_the_other_login_opens_too(gate: Gate) -> None:
    body = page(meta.text(1))
    assert await gate.post(body, signature=sign(body, OLD_SECRET)) == (200, "stored")


@pytest.mark.parametrize("channel", CHANNELS)
async def test_every_recorded_webhook_is_answered_200_and_without_an_error(
    gate: Gate, channel: str
) -> None:
    with capture_logs() as lines:
        for payload in RECORDED[channel]:
            assert await gate.post(payload.read_bytes()) == (200, "stored"), payload.stem
    assert {line["log_level"] for line in lines} <= {"debug", "info"}
    expected = {name for payload in RECORDED[channel] for name in golden_ids(payload)}
    assert {event["id"] for event in await gate.events()} == expected
    assert {reason for reason, _ in await gate.dead()} <= {"no_account"}


def golden_ids(payload: Path) -> list[str]:
    events = json.loads(payload.with_suffix(".events.json").read_bytes())
    return [event["id"] for event in events]


async def test_nothing_of_a_body_is_logged(gate: Gate) -> None:
    body = page(meta.act(1, telepathy="my secret"), meta.text(2, "my secret"), "my secret")
    with capture_logs() as lines:
        await gate.post(body)
        await gate.post(body, signature="sha256=" + "0" * 64)
        await gate.post(recorded("messenger", "optin_notification_messages"))
    logged = repr(lines)
    assert "unsupported_kind_seen" in logged
    for private in ("my secret", meta.PSID, "7013225896641270"):
        assert private not in logged


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"object": "user", "entry": []}', "unknown_object"),
        (b'{"object": "whatsapp_business_account", "entry": []}', "unknown_object"),
        (b"this is not JSON", "unparsable"),
        (b'{"object": "page", "entry": [\xff\xfe]}', "unparsable"),
    ],
    ids=["user", "whatsapp", "text", "invalid UTF-8"],
)
async def test_what_is_nobodys_here_is_laid_down_with_its_bytes(
    gate: Gate, body: bytes, reason: str
) -> None:
    assert await gate.post(body) == (200, "stored")
    assert await gate.dead() == [(reason, body)]
    assert await gate.events() == []


@pytest.mark.parametrize("channel", CHANNELS)
async def test_the_dashboards_test_is_stored_under_the_account_it_names(
    gate: Gate, channel: str
) -> None:
    with capture_logs() as lines:
        assert await gate.post(recorded(channel, "dashboard_test")) == (200, "stored")
    assert lines == []
    (event,) = await gate.events()
    assert (event["channel"], event["account"]) == (channel, "23245")


async def test_thousands_of_acts_of_many_accounts_are_taken_whole(gate: Gate) -> None:
    entries = [
        meta.entry(str(1000 + account), *(meta.text(number) for number in range(40)))
        for account in range(100)
    ]
    assert await gate.post(meta.body(meta.PAGE_OBJECT, *entries)) == (200, "stored")
    stored = Counter(event["account"] for event in await gate.events())
    assert stored == {str(1000 + account): 40 for account in range(100)}
