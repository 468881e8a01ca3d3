"""Webhooks as WhatsApp sends them, one message each, made and signed before the clock starts.

Used by the generators, load.py and screen.py. Pure: the same run
and numbers give the same bodies; another `run` gives other message ids, so that nothing is a
repeat.
"""

import json
import re
from dataclasses import dataclass
from itertools import cycle

from metagraph.signature import HEADER, sign

ACCOUNT = "106540352242922"
"""The account of the seeded channel."""
WABA = "102290129340398"
AT = 1_790_000_000
PER_SECOND = 500
"""Messages that share a second, as they do on a busy number."""
FIRST_PHONE = 15_550_000_000
"""Of numbers that belong to nobody."""

SENTENCES = (
    "Does it come in another color?",
    "Hi! My order 48213 was to arrive yesterday, could you have a look where it is?",
    "Thanks, that worked!",
    "¿Puedo cambiar la talla? Pedí una M y necesito una L.",
    "The parcel arrived, but the box was open and one of the two cups is broken 😕 What now?",
)


_MARK = re.compile(r"\[([0-9a-f]+)-(\d+)\]$")


@dataclass(frozen=True)
class Batch:
    """Which messages. `run` makes the ids of these unlike those of any other batch."""

    run: str
    count: int
    contacts: int


def webhooks(batch: Batch) -> list[bytes]:
    """The bodies, some 600 bytes each, as Meta escapes them."""
    sentences = cycle(SENTENCES)
    return [_body(batch, number, next(sentences)) for number in range(batch.count)]


def requests(bodies: list[bytes], host: str, path: str, secret: bytes) -> list[bytes]:
    """Whole HTTP requests, signed."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: facebookexternalua\r\n"
        f"Accept: */*\r\nContent-Type: application/json\r\n"
    )
    return [
        f"{head}{HEADER}: {sign(body, secret)}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
        for body in bodies
    ]


def message_id(run: str, number: int) -> str:
    """As long as WhatsApp's own."""
    return f"wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQ{run:.12}{number:08}A0RgA="


def text(run: str, number: int, sentence: str) -> str:
    """Ends in a mark by which a screen's copy is told from all others."""
    return f"{sentence} [{run}-{number}]"


def number_of(words: str, run: str) -> int | None:
    """The number a text of this run is marked with; None: it is of no such run."""
    mark = _MARK.search(words)
    return int(mark[2]) if mark and mark[1] == run else None


def phone(contact: int) -> str:
    return str(FIRST_PHONE + contact)


def bsuid(contact: int) -> str:
    """The business-scoped id of the same person."""
    return f"US.{contact:017}"


def _body(batch: Batch, number: int, sentence: str) -> bytes:
    contact = number % batch.contacts
    person, user = phone(contact), bsuid(contact)
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": ACCOUNT},
        "contacts": [{"profile": {"name": f"Person {contact}"}, "wa_id": person, "user_id": user}],
        "messages": [
            {
                "from": person,
                "from_user_id": user,
                "id": message_id(batch.run, number),
                "timestamp": str(AT + number // PER_SECOND),
                "type": "text",
                "text": {"body": text(batch.run, number, sentence)},
            }
        ],
    }
    change = {"value": value, "field": "messages"}
    webhook = {"object": "whatsapp_business_account", "entry": [{"id": WABA, "changes": [change]}]}
    return json.dumps(webhook, separators=(",", ":")).encode()
