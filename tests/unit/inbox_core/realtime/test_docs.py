"""docs/realtime.md names every frame, field, close code and reason there is."""

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from contracts.changes import ChangeType
from inbox_core.entrypoints.realtime import frames
from inbox_core.entrypoints.realtime.closing import KNOWN_CODES

DOCS = (Path(__file__).parents[4] / "docs" / "realtime.md").read_text()
UNEXPLAINED = {1000, 1001, 1006}
"""The WebSocket's own: a client that leaves, a line that is lost."""

FRAMES: list[type[BaseModel]] = [
    *(frames.Hello, frames.Sub, frames.Typing, frames.Ping),
    *(frames.Ready, frames.Live, frames.Ev, frames.Subbed, frames.Eph, frames.Pong),
    *(frames.Reset, frames.Err),
]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame.__name__)
def test_every_frame_and_field_is_explained(frame: type[BaseModel]) -> None:
    kind = frame.__name__.lower()
    [row] = re.findall(rf"^\| `{kind}` \|.*$", DOCS, re.MULTILINE)
    fields = frame.model_fields.keys() - {"t"} - ({"type"} if kind == "err" else set())
    assert all(f"`{field}`" in row for field in fields)


@pytest.mark.parametrize("code", sorted(KNOWN_CODES - UNEXPLAINED))
def test_every_close_code_is_explained(code: int) -> None:
    assert re.search(rf"^\| {code} \|", DOCS, re.MULTILINE)


@pytest.mark.parametrize("word", [*get_args(ChangeType), *get_args(frames.ResetReason)])
def test_every_change_and_reason_is_named(word: str) -> None:
    assert f"`{word}`" in DOCS
