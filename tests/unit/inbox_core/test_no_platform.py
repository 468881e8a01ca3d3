"""inbox-core asks what a channel can do, and never which one it is."""

import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[3] / "services" / "inbox-core" / "src" / "inbox_core"
NAMES = re.compile(
    r"whatsapp|messenger|instagram|facebook|graph\.|wamid|psid|igsid|waba", re.IGNORECASE
)
FILES = [path for kind in ("py", "sql", "lua") for path in sorted(SOURCE.rglob(f"*.{kind}"))]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_file_names_a_platform(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = {match[0] for line in text.lower().splitlines() for match in NAMES.finditer(line)}
    assert not found
