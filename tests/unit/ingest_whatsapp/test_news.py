"""Statuses, calls, people's news, handovers and the account's: where payloads differ."""

from typing import Any

import pytest

from ingest_whatsapp.normalize import WHATSAPP
from support import whatsapp as wa
from support.goldens import events_of

OURS = "15550783881"


def event_of(field: str, value: dict[str, Any]) -> dict[str, Any]:
    (event,) = events_of(WHATSAPP, wa.body(value, field=field))
    return event


@pytest.mark.parametrize(
    ("contacts", "recipient"),
    [
        (None, [wa.PERSON]),
        ([], [wa.PERSON]),
        ([{"wa_id": wa.PERSON}], [wa.PERSON]),
        ([{}, "x", {"user_id": "US.9"}, {"wa_id": wa.PERSON, "user_id": "US.1"}],
         ["US.1", wa.PERSON]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("state", ["sent", "delivered", "read", "played", "failed"])
def test_a_status_needs_no_contacts(state: str, contacts: Any, recipient: list[str]) -> None:
    value = wa.value(statuses=[wa.status(1, state)]) | {"contacts": contacts}
    data = event_of("messages", value)["data"]
    assert data["status"] == state
    assert [alias["value"] for alias in data["recipient"]] == recipient


@pytest.mark.parametrize(
    ("fields", "type_"),
    [
        ({"type": "message"}, "sluice.delivery.v1"),
        ({"type": ["payment"]}, "sluice.delivery.v1"),
        ({"type": "payment"}, "sluice.account.v1"),
    ],
)
def test_a_failed_payment_is_no_failed_message(fields: dict[str, Any], type_: str) -> None:
    value = wa.value(statuses=[wa.status(1, "failed", **fields)])
    assert event_of("messages", value)["type"] == type_


@pytest.mark.parametrize(
    ("fields", "direction", "who"),
    [
        ({"from": wa.PERSON, "to": OURS}, "inbound", wa.PERSON),
        ({"from": OURS, "to": wa.PERSON}, "outbound", wa.PERSON),
        ({"from": OURS, "to": wa.PERSON, "direction": "BUSINESS_INITIATED"}, "outbound", wa.PERSON),
        ({"from": wa.PERSON, "direction": "USER_INITIATED"}, "inbound", wa.PERSON),
        ({"from_user_id": "US.1"}, "inbound", "US.1"),
        ({"from": OURS, "to_user_id": "US.1"}, "outbound", "US.1"),
    ],
)
def test_who_calls_whom(fields: dict[str, Any], direction: str, who: str) -> None:
    call = {"id": "wacid.1", "event": "connect", "timestamp": "1790000000", **fields}
    data = event_of("calls", wa.value(calls=[call]))["data"]
    assert data["direction"] == data["parts"][0]["data"]["direction"] == direction
    assert data["contact"]["aliases"][0]["value"] == who


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"duration": 55}, {"state": "ended", "duration_s": 55}),
        ({"duration": "55"}, {"state": "ended", "duration_s": 55}),
        ({"start_time": "1790000000"}, {"state": "ended"}),
        ({"duration": 0}, {"state": "missed", "duration_s": 0}),
        ({"status": "FAILED"}, {"state": "missed"}),
        ({"status": ["COMPLETED"]}, {"state": "missed"}),
    ],
)
def test_how_calls_end(fields: dict[str, Any], said: dict[str, Any]) -> None:
    call = {"id": "wacid.1", "from": wa.PERSON, "event": "terminate", **fields}
    event = event_of("calls", wa.value(calls=[call]))
    assert event["type"] == "sluice.edit.v1"
    assert event["data"]["parts"] == [{"kind": "call", "data": {"direction": "inbound", **said}}]


@pytest.mark.parametrize(
    ("number", "alias"),
    [
        ("16505551234", "16505551234"),
        ("+1 (650) 555-1234", "16505551234"),
        ("+1.650.555.1234", "16505551234"),
        (16505551234, "16505551234"),
        ("US.13491208655302741918", "US.13491208655302741918"),
    ],
)
def test_numbers_of_an_address_book(number: Any, alias: str) -> None:
    state = {"type": "contact", "contact": {"phone_number": number}, "action": "add"}
    data = event_of("smb_app_state_sync", wa.value(state_sync=[state]))["data"]
    assert [each["value"] for each in data["contact"]["aliases"]] == [alias]


def test_a_removed_contact_keeps_the_name_we_know() -> None:
    contact = {"full_name": "Sheena", "phone_number": wa.PERSON, "username": "@s"}
    state = {"type": "contact", "contact": contact, "action": "remove"}
    data = event_of("smb_app_state_sync", wa.value(state_sync=[state]))["data"]
    assert data["reason"] == "address_book_removed"
    assert set(data["contact"]) == {"aliases"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"pass_thread_control": {"new_owner_app_id": 7, "previous_owner_app_id": None}},
         {"action": "passed", "owner": "7"}),
        ({"take_thread_control": {"previous_owner_app_id": "9"}},
         {"action": "taken", "owner": "unknown", "previous_owner": "9"}),
        ({"request_thread_control": {"requested_owner_app_id": "7"}},
         {"action": "requested", "owner": "7"}),
        ({"take_thread_control": None}, {"action": "taken", "owner": "unknown"}),
        ({"control_passed": {"new_owner_role": "escalation", "previous_owner_role": "ai_agent"}},
         {"action": "passed", "previous_owner": "ai_agent"}),
        ({"control_taken": {"new_owner_role": "escalation", "previous_owner_app_id": 5}},
         {"action": "taken", "owner": "escalation", "previous_owner": "5"}),
        ({"type": "control_taken", "control_taken": {}},
         {"action": "taken", "owner": "unknown"}),
        ({"event": "CONTROL_TAKEN", "owner": "7"}, {"action": "taken", "owner": "7"}),
        ({"action": "pass", "new_owner": "9"}, {"action": "passed", "owner": "9"}),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "person", [{"wa_id": wa.PERSON}, {"sender": {"id": wa.PERSON}}, {"from": wa.PERSON}]
)
def test_handovers(fields: dict[str, Any], said: dict[str, Any], person: dict[str, Any]) -> None:
    for value in (wa.value(**person, **fields), wa.value(handovers=[person | fields])):
        event = event_of("messaging_handovers", value)
        assert event["type"] == "sluice.thread_control.v1"
        assert event["data"].pop("contact")["aliases"] == [{"kind": "phone", "value": wa.PERSON}]
        assert event["data"] == said


@pytest.mark.parametrize(
    ("field", "value", "health"),
    [
        ("account_update", {"event": "ACCOUNT_RESTRICTION"},
         {"state": "restricted",
          "problem": "WhatsApp restricts the account: no reason was given."}),
        ("account_update", {"event": "DISABLED_UPDATE"}, None),
        ("account_update", {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": ["x"]}},
         None),
        ("account_update", {"event": ["x"]}, None),
        ("account_update", {}, None),
        ("account_review_update", {"decision": "rejected"},
         {"state": "restricted", "problem": "WhatsApp rejected the account in review."}),
        ("account_alerts", {"alert_severity": "CRITICAL"}, None),
        ("account_alerts", {"alert_severity": "WARNING", "alert_type": "T"}, {"problem": "T"}),
        ("business_capability_update", {"max_daily_conversations_per_business": 250},
         {"limit": "250"}),
        ("phone_number_quality_update", {"event": "DOWNGRADE", "current_limit": "TIER_250"},
         {"limit": "TIER_250"}),
        ("security", {"event": "PIN_RESET_REQUEST"}, None),
    ],
    ids=str,
)  # fmt: skip
def test_what_news_say_of_the_health(field: str, value: Any, health: Any) -> None:
    event = event_of(field, value)
    assert event["type"] == "sluice.account.v1"
    assert event["account"] == f"waba:{wa.WABA}"
    assert event["data"]["details"] == value
    assert event["data"].get("health") == health


@pytest.mark.parametrize(
    ("error", "says"),
    [({"code": 190}, True), ({"code": "131042"}, True), ({"code": 130429}, False), ({}, False)],
)
def test_errors_alone_are_news_of_the_account(error: dict[str, Any], *, says: bool) -> None:
    for value in (wa.value(errors=[error]), {"errors": [error]}):
        event = event_of("messages", value)
        assert (event["type"], event["data"]["kind"]) == ("sluice.account.v1", "error")
        assert ("health" in event["data"]) is says
