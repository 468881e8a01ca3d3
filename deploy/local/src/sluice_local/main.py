"""`sluice-local`: everything on this machine, in order, until Ctrl-C.

What dies is started again; what cannot start says why. Ctrl-C or SIGTERM stops everything in
reverse order; a second one ends it at once.
"""

import argparse
import signal
import sys
from types import FrameType

from chassis.settings import load
from sluice_local.errors import LocalError
from sluice_local.lock import only_one
from sluice_local.progress import Progress
from sluice_local.servers.privileges import private_folder
from sluice_local.settings import LocalSettings, variable
from sluice_local.stack import Stack

EXIT_FAILED = 1
EXIT_AT_ONCE = 130


class _AskedToStop(BaseException):
    """A signal came. Not an Exception: nothing on the way is to catch it."""


def main() -> None:
    """Exit status 0 after a clean stop, 1 with the reason when something could not go on."""
    argparse.ArgumentParser(
        prog="sluice-local",
        description=__doc__,
        epilog=f"Settings: {', '.join(variable(name) for name in LocalSettings.model_fields)}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    ).parse_args()
    settings = load(LocalSettings)
    progress = Progress()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _ask_to_stop)
    try:
        private_folder(settings.folder)
        with only_one(settings.folder):
            _live(Stack(settings, progress), progress)
    except LocalError as error:
        progress.trouble(str(error))
        sys.exit(EXIT_FAILED)
    except _AskedToStop:
        sys.exit(EXIT_AT_ONCE)


def _live(stack: Stack, progress: Progress) -> None:
    """Bring it up, look after it, and take it down whatever happened."""
    try:
        stack.start()
        stack.supervisor.watch()
    except _AskedToStop:
        progress.say()
    finally:
        try:
            stack.stop()
        except _AskedToStop:
            stack.kill()
            raise


def _ask_to_stop(_number: int, _frame: FrameType | None) -> None:
    raise _AskedToStop


if __name__ == "__main__":
    main()
