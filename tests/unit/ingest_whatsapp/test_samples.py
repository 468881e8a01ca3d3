"""Meta's own published samples, where they are: all but one are understood."""

import os
from pathlib import Path

import pytest

from contracts import batch
from ingest_whatsapp.normalize import WHATSAPP
from support.goldens import events_in, normalized

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / os.environ.get("SLUICE_SAMPLES", "../shared/samples") / "webhooks"  # noqa: TID251 - tests have no settings class
TYPES = {
    "group-create-message": "account",
    "group-remove-participants": "account",
    "group-settings-update": "account",
    "reaction-message": "reaction",
    "system-message": "contact",
    "unsupported-message": "unsupported",
}
"""Sample → type of its event, where it is no message."""


@pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"no samples in {FOLDER}: set SLUICE_SAMPLES to their folder"
)
@pytest.mark.parametrize("sample", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_a_sample_is_understood(sample: Path) -> None:
    made = normalized(WHATSAPP, sample.read_bytes())
    (event,) = (batch.decode_event(event) for event in events_in(made))
    assert not made.quarantined
    assert event.type == f"sluice.{TYPES.get(sample.stem, 'message')}.v1"
