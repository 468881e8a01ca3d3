"""The facts of the machine and the moment, without which no figure means anything."""

import os
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import psutil

from sluice_local.servers.nats import nats_program

PACKAGES = (
    "aiohttp",
    "uvloop",
    "nats-py",
    "pydantic",
    "orjson",
    "asyncpg",
    "pywa",
    "fastapi",
    "uvicorn",
)
SYNCS = 200
SYNC_BYTES = 4096
GIB = 1024**3


@dataclass(frozen=True)
class Machine:
    """(fact, value) rows, in the order of the report."""

    rows: tuple[tuple[str, str], ...]


def look(folder: Path) -> Machine:
    """`folder` is where the servers' data will lie: its disk is the one that counts."""
    memory = psutil.virtual_memory().total / GIB
    return Machine(
        (
            ("date", datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")),
            ("commit", _commit()),
            ("processor", f"{_processor()}, {os.cpu_count()} cores"),
            ("memory", f"{memory:.1f} GiB"),
            ("system", f"{platform.system()} {platform.release()}"),
            (
                "disk",
                f"{_filesystem(folder)}, 4 KiB write + fsync: {sync_ms(folder):.2f} ms (median)",
            ),
            ("busy before", f"load average {os.getloadavg()[0]:.1f}"),
            ("Python", sys.version.split()[0]),
            ("packages", ", ".join(f"{name} {_version(name)}" for name in PACKAGES)),
            ("NATS", _said(nats_program(), "--version").removeprefix("nats-server: ")),
            ("uvicorn parses with", "httptools" if find_spec("httptools") else "h11"),
            ("pinning", "none: generator, receiver and servers share the cores"),
        )
    )


def sync_ms(folder: Path) -> float:
    """The median of a 4 KiB append with fsync: what a message on disk costs at the least."""
    path = folder / "fsync.probe"
    took: list[float] = []
    with path.open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            started = time.perf_counter()
            file.write(bytes(SYNC_BYTES))
            os.fsync(file.fileno())
            took.append(1000 * (time.perf_counter() - started))
    path.unlink()
    return statistics.median(took)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else "unknown"


def _filesystem(folder: Path) -> str:
    place = folder.resolve()
    mounts = [
        part for part in psutil.disk_partitions(all=True) if place.is_relative_to(part.mountpoint)
    ]
    return max(mounts, key=lambda part: len(part.mountpoint)).fstype if mounts else "unknown"


def _commit() -> str:
    commit = _said("git", "rev-parse", "--short", "HEAD")
    changed = _said("git", "status", "--porcelain", "--untracked-files=no")
    return f"{commit or 'unknown'}{' and changes' if changed else ''}"


def _said(*command: str) -> str:
    """The stdout of a command; empty when there is no such command, or it failed."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"
