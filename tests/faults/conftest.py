"""Options of the long run: `pytest tests/faults -s --kills 40 --results docs/results/faults.md`."""

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    faults = parser.getgroup("faults")
    faults.addoption("--kills", type=int, help="deaths in each run of the soak")
    faults.addoption("--seeds", type=int, nargs="+", help="one run of the soak each")
    faults.addoption("--results", type=Path, help="write the figures of the soak to this file")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One after the other: two nemeses on two cores prove nothing more."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("stack"))
