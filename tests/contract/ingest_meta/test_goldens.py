"""Recorded Messenger and Instagram payloads become exactly these events.

After a wanted change: `PYTHONPATH=tests python tests/contract/ingest_meta/test_goldens.py`, then
read the difference.
"""

from pathlib import Path

import pytest

from ingest_meta.channels import CHANNELS, META
from support.goldens import DATA, Goldens

GOLDENS = {channel: Goldens(META, DATA / channel) for channel in CHANNELS}
each = pytest.mark.parametrize(
    ("channel", "payload"),
    [
        pytest.param(channel, payload, id=f"{channel}-{payload.stem}")
        for channel, goldens in GOLDENS.items()
        for payload in goldens.payloads
    ],
)


@each
def test_the_payload_becomes_its_golden_events(channel: str, payload: Path) -> None:
    GOLDENS[channel].check(payload)


@each
def test_golden_events_are_readable_by_every_consumer(channel: str, payload: Path) -> None:
    GOLDENS[channel].check_readable(payload)


@each
def test_what_was_kept_raw_becomes_the_same_event_later(channel: str, payload: Path) -> None:
    GOLDENS[channel].check_renormalized(payload)


@pytest.mark.parametrize("channel", CHANNELS)
def test_no_golden_is_left_over(channel: str) -> None:
    GOLDENS[channel].check_left_over()


if __name__ == "__main__":
    for goldens in GOLDENS.values():
        goldens.rewrite()
