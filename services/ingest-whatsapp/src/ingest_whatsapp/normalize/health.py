"""What news of an account say of its health. THE table is HEALTH. Used by accounts.py."""

from collections.abc import Callable, Mapping
from typing import Any

from adapter.fields import Wire, identifier, listed, mapping, sentence
from ingest_whatsapp.normalize.statuses import rule_of

DISABLED, RESTRICTED, ACTIVE = "disabled", "restricted", "active"

ACCOUNT_EVENTS: Mapping[str, tuple[str | None, str | None]] = {
    # `event` of account_update: the state, and a sentence for whoever must act
    "ACCOUNT_DELETED": (DISABLED, "The WhatsApp Business account was deleted."),
    "ACCOUNT_OFFBOARDED": (DISABLED, "The number was taken off the platform."),
    "ACCOUNT_RECONNECTED": (ACTIVE, None),
    "ACCOUNT_RESTRICTION": (RESTRICTED, "WhatsApp restricts the account"),
    "ACCOUNT_VIOLATION": (None, "WhatsApp found a violation of its policy"),
    "PARTNER_REMOVED": (None, "The business took a partner's access to its account away."),
    "PARTNER_APP_UNINSTALLED": (None, "The business removed a partner's app from its account."),
}
BANS: Mapping[str, tuple[str, str | None]] = {
    # ban_info.waba_ban_state
    "DISABLE": (DISABLED, "WhatsApp disabled the account."),
    "SCHEDULE_FOR_DISABLE": (RESTRICTED, "WhatsApp is about to disable the account."),
    "REINSTATE": (ACTIVE, None),
}
QUALITY: Mapping[str, str] = {"FLAGGED": "RED", "UNFLAGGED": "YELLOW"}
"""`event` of phone_number_quality_update. Unflagged says only: no longer low."""
ALARMING = frozenset({"CRITICAL", "WARNING"})
LIMITS = (
    "current_limit",
    "max_daily_conversations_per_business",
    "max_daily_conversation_per_phone",
)
NOBODY_SAID = "no reason was given"


def health_of(kind: str, happened: str, details: dict[str, Any]) -> Wire | None:
    """contracts.events.AccountHealth as the wire has it; None: it says nothing of it."""
    read = HEALTH.get(kind)
    found = read(happened.upper(), details) if read else {}
    return {key: value for key, value in found.items() if value} or None


def _account(happened: str, details: dict[str, Any]) -> Wire:
    ban = mapping(details.get("ban_info")).get("waba_ban_state")
    state, problem = BANS.get(str(ban), (None, None))
    if happened in ACCOUNT_EVENTS:
        state, problem = ACCOUNT_EVENTS[happened]
    if problem and not problem.endswith("."):
        problem = f"{problem}: {', '.join(_reasons(details)) or NOBODY_SAID}."
    return {"state": state, "problem": problem}


def _reasons(details: dict[str, Any]) -> list[str]:
    restrictions = listed(details.get("restriction_info"))
    found = [mapping(each).get("restriction_type") for each in restrictions]
    found.append(mapping(details.get("violation_info")).get("violation_type"))
    return [reason for each in found if (reason := sentence(each))]


def _review(_happened: str, details: dict[str, Any]) -> Wire:
    decision = str(details.get("decision")).upper()
    if decision == "REJECTED":
        return {"state": RESTRICTED, "problem": "WhatsApp rejected the account in review."}
    return {"state": ACTIVE} if decision == "APPROVED" else {}


def _name(_happened: str, details: dict[str, Any]) -> Wire:
    if str(details.get("decision")).upper() != "REJECTED":
        return {}
    reason = sentence(details.get("rejection_reason")) or NOBODY_SAID
    return {"problem": f"WhatsApp rejected the display name: {reason}."}


def _quality(happened: str, details: dict[str, Any]) -> Wire:
    return {
        "quality": sentence(details.get("quality_rating")) or QUALITY.get(happened),
        "throughput": "HIGH" if happened == "THROUGHPUT_UPGRADE" else None,
        **_limit(happened, details),
    }


def _limit(_happened: str, details: dict[str, Any]) -> Wire:
    return {"limit": next(filter(None, (identifier(details.get(key)) for key in LIMITS)), None)}


def _alert(_happened: str, details: dict[str, Any]) -> Wire:
    alert = mapping(details.get("alert_info")) or details
    if str(alert.get("alert_severity")).upper() not in ALARMING:
        return {}
    words = sentence(alert.get("alert_description")) or sentence(alert.get("alert_type"))
    return {"problem": words}


def _error(_happened: str, details: dict[str, Any]) -> Wire:
    """Of errors that reach the whole account until somebody acts."""
    rule = rule_of(identifier(details.get("code")))
    return {"problem": rule.sentence} if rule and rule.pause else {}


HEALTH: Mapping[str, Callable[[str, dict[str, Any]], Wire]] = {
    "account_update": _account,
    "account_review_update": _review,
    "account_alerts": _alert,
    "business_capability_update": _limit,
    "phone_number_name_update": _name,
    "phone_number_quality_update": _quality,
    "error": _error,
}
"""kind of news → what it says: (what happened, details) → health."""
