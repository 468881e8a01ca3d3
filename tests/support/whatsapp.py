"""WhatsApp webhooks, built: what the tests of ingest_whatsapp and of whole paths post.

    body(value(messages=[text(1)], statuses=[status(1, "read")]))

Numbers make ids, so that a test can say which message it means.
"""

import json
from collections.abc import Sequence
from typing import Any

ACCOUNT = "106540352242922"
WABA = "419561257915477"
PERSON = "16505551234"
AT = 1790000000
"""Seconds; message n was written n seconds later."""


def text(number: int, words: str = "Hello", **fields: Any) -> dict[str, Any]:
    return {
        "from": PERSON,
        "id": f"wamid.TEXT{number:06}",
        "timestamp": str(AT + number),
        "type": "text",
        "text": {"body": words},
        **fields,
    }


def status(number: int, state: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"wamid.SENT{number:06}",
        "status": state,
        "timestamp": str(AT + number),
        "recipient_id": PERSON,
        **fields,
    }


def contact(wa_id: str = PERSON, name: str = "Sheena Nelson") -> dict[str, Any]:
    return {"wa_id": wa_id, "profile": {"name": name}}


def value(account: str = ACCOUNT, **lists: Any) -> dict[str, Any]:
    return {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": account},
        "contacts": [contact()],
        **lists,
    }


def webhook(*values: dict[str, Any], field: str = "messages") -> dict[str, Any]:
    changes = [{"field": field, "value": one} for one in values]
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": WABA, "changes": changes}],
    }


def body(*values: dict[str, Any], field: str = "messages") -> bytes:
    return json.dumps(webhook(*values, field=field)).encode()


def texts(numbers: Sequence[int], words: str = "Hello") -> bytes:
    """One webhook of many messages."""
    return body(value(messages=[text(number, words) for number in numbers]))
