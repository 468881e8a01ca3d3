"""Meta's own published sends: each can be sent in the platform's own form, word for word."""

import json
import os
from pathlib import Path

import pytest

from contracts.parts import Part
from ingest_whatsapp.requests import RESERVED, read_of, request_of
from metagraph.emulator import sends
from support import whatsapp as wa
from support.delivery import command

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / os.environ.get("SLUICE_SAMPLES", "../shared/samples") / "sends"  # noqa: TID251 - tests have no settings class


@pytest.mark.skipif(
    not FOLDER.is_dir(), reason=f"no samples in {FOLDER}: set SLUICE_SAMPLES to their folder"
)
@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_a_send_of_metas_goes_as_it_is(path: Path) -> None:
    sample = json.loads(path.read_text())
    if sample.get("status") == "read":
        assert read_of(sample["message_id"], typing=True) == sample
        return
    context = sample.pop("context", {})
    own = {name: value for name, value in sample.items() if name not in RESERVED}
    own.setdefault("type", next(iter(own)))  # some of Meta's samples leave it out
    asked = command(Part(kind="platform", data=own), reply_to=context.get("message_id"))
    body = request_of(asked)
    assert {name: body[name] for name in own} == own
    assert body.get("context", {}) == context
    sends.read(wa.ACCOUNT, body)
