"""Where Meta's own published samples are, when they are."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of Meta's samples; without it the test is skipped and says so."""
    folder = Path(os.environ.get("SLUICE_SAMPLES", "../shared/samples"))  # noqa: TID251 - tests have no settings class
    if not folder.is_dir():
        pytest.skip(f"Meta's samples are not in {folder}: set SLUICE_SAMPLES to their folder")
    return folder
