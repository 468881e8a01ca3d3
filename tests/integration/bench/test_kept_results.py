"""The files of docs/results: they say what they hold for, and a broken run does not touch them."""

from pathlib import Path

import pytest

from support.results import begin

FACTS = ("date", "commit", "processor", "memory", "system", "disk")


def test_a_kept_file_is_replaced_only_by_a_whole_run(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    kept = tmp_path / "talks.md"
    kept.write_text("of a whole run")
    results = begin(kept, "# Talks\n\nWhat they are.\n", pytestconfig)
    results.note(("seeds", "wrong"), [(10, 0)])
    results.note(("seeds", "wrong"), [(10, 0), (20, 1)])
    assert kept.read_text() == "of a whole run"
    text = results.unfinished.read_text()
    assert text.startswith("# Talks\n\nWhat they are.\n\nMade by `pytest ")
    assert all(f"| {fact} | " in text for fact in FACTS)
    assert text.endswith("| seeds | wrong |\n| --- | --- |\n| 10 | 0 |\n| 20 | 1 |\n")
    results.keep()
    assert (kept.read_text(), results.unfinished.exists()) == (text, False)
