"""The import contracts of pyproject.toml break when somebody breaks them: one plant a contract."""

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = Path(sysconfig.get_path("scripts")) / "lint-imports"

PLANTS = {
    "a service imports another": (
        "ingest_whatsapp/normalize/planted.py",
        "import inbox_core.settings",
        "services never import one another",
    ),
    "a library imports a service": (
        "bus/planted.py",
        "import inbox_core.settings",
        "imports point down",
    ),
    "a library imports its neighbour": (
        "vault/planted.py",
        "import bus.ports",
        "imports point down",
    ),
    "the wire imports a library": (
        "contracts/planted.py",
        "import bus.ports",
        "imports point down",
    ),
    "a use case imports an adapter": (
        "inbox_core/app/planted.py",
        "import inbox_core.adapters.postgres.values",
        "inbox-core points inward",
    ),
    "a stray module in inbox-core": ("inbox_core/utils.py", "", "inbox-core points inward"),
    "a stray module in ingest-whatsapp": (
        "ingest_whatsapp/utils.py",
        "",
        "what calls out knows what is pure",
    ),
    "a stray module in ingest-meta": (
        "ingest_meta/utils.py",
        "",
        "the channels know what they share",
    ),
    "a library imports what an adapter is": (
        "metagraph/planted.py",
        "import adapter.items",
        "imports point down",
    ),
    "a stray module in widget-gateway": (
        "widget_gateway/utils.py",
        "",
        "lines and doors stand on sessions",
    ),
    "a session knows a line": (
        "widget_gateway/sessions/planted.py",
        "import widget_gateway.lines.news",
        "lines and doors stand on sessions",
    ),
    "a visitor's frame is normalized by the clock": (
        "widget_gateway/lines/normalize.py",
        "import time",
        "calls nothing itself",
    ),
    "normalize touches the network": (
        "ingest_whatsapp/normalize/planted.py",
        "import aiohttp",
        "touch no network",
    ),
    "the domain imports a framework": (
        "inbox_core/domain/planted.py",
        "import pydantic",
        "the domain is plain Python",
    ),
}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of every package, to plant in."""
    folder = tmp_path_factory.mktemp("sources")
    for package in [*ROOT.glob("libs/*/src/*"), *ROOT.glob("services/*/src/*")]:
        shutil.copytree(package, folder / package.name)
    shutil.copytree(ROOT / "deploy/local/src/sluice_local", folder / "sluice_local")
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def lint(sources: Path) -> subprocess.CompletedProcess[str]:
    env = {"PATH": os.defpath, "PYTHONPATH": str(sources)}
    command = [str(LINTER), "--no-cache", "--config", "pyproject.toml"]
    return subprocess.run(
        command, cwd=sources, env=env, capture_output=True, text=True, check=False, timeout=120
    )


def test_the_sources_hold_every_contract(sources: Path) -> None:
    done = lint(sources)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("plant", PLANTS.values(), ids=PLANTS.keys())
def test_a_planted_violation_breaks_its_contract(
    sources: Path, plant: tuple[str, str, str]
) -> None:
    path, line, contract = plant
    planted = sources / path
    before = planted.read_text() if planted.exists() else None
    planted.write_text(f'"""Planted."""\n{line}\n')
    try:
        done = lint(sources)
    finally:
        if before is None:
            planted.unlink()
        else:
            planted.write_text(before)
    assert done.returncode != 0
    broken = [row for row in done.stdout.splitlines() if row.endswith("BROKEN")]
    assert any(contract in row for row in broken), done.stdout
