"""Recorded WhatsApp payloads become exactly these events.

After a wanted change: `PYTHONPATH=tests python tests/contract/whatsapp/test_goldens.py`, then read
the difference.
"""

from pathlib import Path

import pytest

from ingest_whatsapp.normalize import WHATSAPP
from support.goldens import DATA, Goldens

GOLDENS = Goldens(WHATSAPP, DATA / "whatsapp")
each = pytest.mark.parametrize("payload", GOLDENS.payloads, ids=lambda path: path.stem)


@each
def test_the_payload_becomes_its_golden_events(payload: Path) -> None:
    GOLDENS.check(payload)


@each
def test_golden_events_are_readable_by_every_consumer(payload: Path) -> None:
    GOLDENS.check_readable(payload)


@each
def test_what_was_kept_raw_becomes_the_same_event_later(payload: Path) -> None:
    GOLDENS.check_renormalized(payload)


def test_no_golden_is_left_over() -> None:
    GOLDENS.check_left_over()


if __name__ == "__main__":
    GOLDENS.rewrite()
