"""Meta's own published samples, where they are: each becomes events, none is quarantined."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contracts import batch
from contracts.events import UnsupportedEvent
from ingest_whatsapp.normalize.bodies import Normalized
from ingest_whatsapp.payloads import parse

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / os.environ.get("SLUICE_SAMPLES", "../shared/samples") / "webhooks"  # noqa: TID251 - tests have no settings class
UNDERSTOOD = ("text-",)


@pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"no samples in {FOLDER}: set SLUICE_SAMPLES to their folder"
)
@pytest.mark.parametrize("sample", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_a_sample_becomes_events(sample: Path) -> None:
    parsed = parse(sample.read_bytes())
    normalized = Normalized().take(parsed.items, datetime.now(UTC))
    events = [batch.decode_event(item) for item in batch.unpack(batch.pack(normalized.events))]
    assert len(events) == len(parsed.items) > 0
    assert not normalized.quarantined
    for event in events:
        assert isinstance(event, UnsupportedEvent) is not sample.stem.startswith(UNDERSTOOD)
        assert not (isinstance(event, UnsupportedEvent) and event.data.why == "malformed")
