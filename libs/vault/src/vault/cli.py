"""`sluice-vault`: make and turn key rings, re-wrap what was sealed. For people, not services.

    sluice-vault new-key channels                     a new ring, as a setting
    sluice-vault add-key channels < old-ring          the ring with a fresh active key
    sluice-vault rewrap channels --ring FILE < rows   sealed texts, one a line, under the active key

Rings and sealed texts come and go through files and pipes: an argument would show in `ps`.
"""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from vault.errors import VaultError
from vault.keyring import KeyRing
from vault.seal import rewrap

EXIT_REFUSED = 1


def main() -> None:
    """Exit status 0, or 1 with the reason on stderr."""
    asked = _parser().parse_args()
    try:
        _COMMANDS[asked.command](asked)
    except (VaultError, OSError) as error:
        sys.stderr.write(f"sluice-vault: {error}\n")
        sys.exit(EXIT_REFUSED)


def _new_key(asked: argparse.Namespace) -> None:
    sys.stdout.write(KeyRing.new(asked.purpose, asked.id).dump() + "\n")


def _add_key(asked: argparse.Namespace) -> None:
    ring = KeyRing.parse(asked.purpose, sys.stdin.read())
    sys.stdout.write(ring.with_new_key(asked.id).dump() + "\n")


def _rewrap(asked: argparse.Namespace) -> None:
    ring = KeyRing.parse(asked.purpose, asked.ring.read_text())
    for number, line in enumerate(sys.stdin, start=1):
        try:
            sys.stdout.write(rewrap(ring, line.strip()) + "\n")
        except VaultError as error:
            raise VaultError(f"line {number}: {error}") from None


_COMMANDS = {"new-key": _new_key, "add-key": _add_key, "rewrap": _rewrap}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sluice-vault", description="Key rings and re-wrapping.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name in _COMMANDS:
        command = commands.add_parser(name)
        command.add_argument("purpose", help="what the ring is for: channels, sessions, …")
        if name == "rewrap":
            command.add_argument("--ring", type=Path, required=True, help="a file with the ring")
        else:
            today = datetime.now(UTC).strftime("%Y-%m-%d")
            command.add_argument("--id", default=today, help="the key's id; default: today")
    return parser
