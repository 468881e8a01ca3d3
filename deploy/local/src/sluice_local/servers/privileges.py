"""Postgres refuses to run as root: here root becomes nobody, and finds a home nobody can reach.

Only folders of the stack are given away or opened, never one outside of them. When a folder above
is closed to others (a checkout below /root), neither the programs in the environment nor the data
can be reached from there; they then live in a folder of their own, which is remembered.
"""

import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from sluice_local.errors import NotReachable

SPARE_HOMES = Path("/var/tmp")  # noqa: S108 - kept over a restart; the name is made by mkdtemp
REMEMBERED = "postgres.home"


@dataclass(frozen=True)
class Account:
    """The user a server runs as."""

    uid: int
    gid: int


def unprivileged() -> Account | None:
    """Whom root becomes; None when we are not root and stay who we are."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        return Account(65534, 65534)
    return Account(nobody.pw_uid, nobody.pw_gid)


def can_enter(path: Path, account: Account) -> bool:
    """Whether `account` may pass through every folder down to and including `path`."""
    whole = path.resolve()
    return all(_may(folder, account, stat.S_IXOTH) for folder in (whole, *whole.parents))


def can_run(program: Path, account: Account) -> bool:
    """Whether `account` may read and run `program`."""
    whole = program.resolve()
    readable = _may(whole, account, stat.S_IXOTH) and _may(whole, account, stat.S_IROTH)
    return readable and can_enter(whole.parent, account)


def _may(path: Path, account: Account, bit: int) -> bool:
    about = path.stat()
    if about.st_uid == account.uid:
        return bool(about.st_mode & (bit << 6))
    if about.st_gid == account.gid:
        return bool(about.st_mode & (bit << 3))
    return bool(about.st_mode & bit)


def private_folder(folder: Path) -> None:
    """Make the stack's own folder: 0700, or 0711 where Postgres has to pass through as nobody."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    account = unprivileged()
    passable = account is not None and can_enter(folder.resolve().parent, account)
    folder.chmod(0o711 if passable else 0o700)


def home(folder: Path, account: Account | None) -> Path:
    """Where a server of `account` keeps its files: `folder`, or one in its place if it is closed.

    `folder` is the stack's own and is opened for passing through (0711; what lies in it stays
    closed). Raises NotReachable when there is no place at all.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account is None:
        return folder
    if can_enter(folder.resolve().parent, account):
        folder.chmod(0o711)
        return folder
    return _spare_home(folder, account)


def _spare_home(folder: Path, account: Account) -> Path:
    note = folder / REMEMBERED
    if note.exists():
        known = Path(note.read_text().strip())
        if _is_ours(known):
            return known
    if not (SPARE_HOMES.is_dir() and can_enter(SPARE_HOMES, account)):
        raise NotReachable(
            f"Postgres does not run as root, and uid {account.uid} can reach neither {folder} nor"
            f" {SPARE_HOMES}: run as another user, or set SLUICE_POSTGRES_URL to a server"
        )
    spare = Path(tempfile.mkdtemp(prefix="sluice-postgres-", dir=SPARE_HOMES))
    spare.chmod(0o711)
    note.write_text(f"{spare}\n")
    note.chmod(0o600)
    return spare


def _is_ours(folder: Path) -> bool:
    """Still the folder we made: in a place anyone may write to, it could be somebody else's."""
    try:
        about = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(about.st_mode) and about.st_uid == os.geteuid()


def give(path: Path, account: Account | None) -> None:
    """Make a file or a folder the account's own."""
    if account is not None:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def readable_copy(source: Path, target: Path) -> None:
    """Copy a tree so that everyone may read it, whatever the modes of the original; once only."""
    if target.exists():
        return
    half = target.with_name(f"{target.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    shutil.copytree(source, half, ignore=shutil.ignore_patterns("include", "*.a", "pkgconfig"))
    for path in (half, *half.rglob("*")):
        runs = path.is_dir() or bool(path.stat().st_mode & stat.S_IXUSR)
        path.chmod(0o755 if runs else 0o644)
    half.rename(target)
