"""Builders of wire events: each names what its test is about and hides the rest."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.events import (
    Delivery,
    DeliveryEvent,
    DeliveryStatus,
    Message,
    MessageEvent,
    SendOutcome,
    SendResult,
    SendResultEvent,
    Unsupported,
    UnsupportedEvent,
    source,
)
from contracts.parts import Alias, Contact, Part, Problem

ACCOUNT = "106540352242922"


def envelope(
    event_id: str, *, account: str = ACCOUNT, time: datetime | None = None
) -> dict[str, Any]:
    return {
        "id": event_id,
        "source": source("whatsapp", account),
        "time": time or datetime.now(UTC),
        "channel": "whatsapp",
        "account": account,
    }


def person(phone: str, name: str | None = None, *more: Alias) -> Contact:
    return Contact(aliases=(*more, Alias(kind="phone", value=phone)), name=name)


def message(
    external_id: str,
    phone: str = "4915112345",
    text: str = "hello",
    *,
    contact: Contact | None = None,
    group_id: str | None = None,
    **fields: Any,
) -> MessageEvent:
    return MessageEvent(
        **envelope(f"whatsapp:message:{external_id}", **fields),
        data=Message(
            external_id=external_id,
            contact=contact or person(phone, f"Person {phone}"),
            parts=(Part(kind="text", text=text),),
            group_id=group_id,
        ),
    )


def unsupported(external_id: str, phone: str | None, **fields: Any) -> UnsupportedEvent:
    return UnsupportedEvent(
        **envelope(f"whatsapp:poll:{external_id}", **fields),
        data=Unsupported(
            kind="poll",
            raw='{"type":"poll","text":"\\u0000"}',
            external_id=external_id,
            contact=person(phone) if phone else None,
        ),
    )


def status(
    external_id: str, word: DeliveryStatus, ref: str | None = None, **fields: Any
) -> DeliveryEvent:
    return DeliveryEvent(
        **envelope(f"whatsapp:status:{external_id}:{word}", **fields),
        data=Delivery(external_id=external_id, status=word, client_ref=ref),
    )


def result(
    message_id: UUID, outcome: SendOutcome, external_id: str | None = None, attempt: int = 1
) -> SendResultEvent:
    failed = Problem(kind="window", message="The reply window is closed.")
    return SendResultEvent(
        **envelope(f"whatsapp:send_result:{message_id}.{attempt}:{outcome}"),
        data=SendResult(
            command_id=f"{message_id}.{attempt}.0",
            outcome=outcome,
            external_id=external_id,
            problem=failed if outcome == "failed" else None,
        ),
    )
