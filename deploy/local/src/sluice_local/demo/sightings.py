"""A message of this run wherever it is met: on the screen, in the inbox, in the ledger.

Made by screen.py, census.py and run.py; compared by verdict.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sluice_local.demo.traffic import Traffic


@dataclass(frozen=True, slots=True)
class Copy:
    """A message entity, on the screen or in the inbox. `key` is the item of the run it is."""

    id: str
    key: str
    conversation: str
    version: int
    delivery: str | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A send the platform accepted, from its ledger; `number` is the order of acceptance."""

    number: int
    key: str
    to: str


def copy_of(traffic: Traffic, message: Mapping[str, Any]) -> Copy | None:
    """A message as REST and the socket show it; None when it is not of this run."""
    text = next((part.get("text") for part in message.get("parts", ()) if part.get("text")), None)
    key = traffic.key_of(text)
    if key is None:
        return None
    delivery = message["delivery"]
    return Copy(
        id=message["id"],
        key=key,
        conversation=message["conversation_id"],
        version=message["version"],
        delivery=delivery["state"] if delivery else None,
    )


def accepted(traffic: Traffic, entry: Mapping[str, Any]) -> Accepted | None:
    """An entry of the ledger; None when it is not of this run."""
    key = traffic.key_of(entry["body"].get("text", {}).get("body"))
    return Accepted(entry["number"], key, entry["to"]) if key is not None else None
