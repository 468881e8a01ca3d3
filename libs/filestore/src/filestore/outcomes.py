"""What became of each operation: the counter, and the one place where obstore's errors get a name.

Used by the store and by the places it writes to.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from obstore.exceptions import BaseError
from prometheus_client import Counter

from filestore.errors import FileStoreError, Missing, Unavailable

OPERATIONS = Counter(
    "sluice_filestore_total",
    "Operations on stored files, by outcome.",
    ["operation", "outcome"],
)
"""`operation`: put, get, stream, head, delete, copy, list, clear. `outcome`: ok, an error's own
word, or aborted: cancelled, or the stream that was to be stored failed."""

VERDICTS: tuple[tuple[type[Exception], type[FileStoreError]], ...] = (
    (FileNotFoundError, Missing),
    (BaseError, Unavailable),  # network, server, rights, settings: all may be mended meanwhile
    (OSError, Unavailable),  # the writer's own errors, and those of our folder: full, read-only
    (ValueError, Unavailable),  # obstore refuses a path or an option
)
"""From obstore's exceptions to ours, the first row that fits."""

STORE_ERRORS = tuple(error for error, _ in VERDICTS)

NO_CONTAINER = re.compile(r"NoSuchBucket|ContainerNotFound|bucket does not exist", re.IGNORECASE)
"""A store that is not there answers 404 like a file that is not: no file is missing for that."""

MAX_REASON_CHARACTERS = 300

QUERY = re.compile(r"\?\S*")


@contextmanager
def counted(operation: str) -> Iterator[None]:
    """Count what becomes of the block."""
    outcome = "aborted"
    try:
        yield
        outcome = "ok"
    except FileStoreError as error:
        outcome = error.outcome
        raise
    finally:
        OPERATIONS.labels(operation, outcome).inc()


@contextmanager
def reading() -> Iterator[None]:
    """Name the errors of a block that reads or deletes: Missing or Unavailable."""
    try:
        yield
    except STORE_ERRORS as error:
        # Without its cause: obstore quotes requests and answers whole, signatures and key ids too.
        raise _verdict(error)(_reason(error)) from None


@contextmanager
def writing() -> Iterator[None]:
    """Name the errors of a block that writes: there is no Missing, only a store that is away."""
    try:
        yield
    except STORE_ERRORS as error:
        raise Unavailable(_reason(error)) from None


def _verdict(error: Exception) -> type[FileStoreError]:
    if NO_CONTAINER.search(str(error)):
        return Unavailable
    return next(ours for theirs, ours in VERDICTS if isinstance(error, theirs))


def _reason(error: Exception) -> str:
    """The first line, without what follows a question mark: the rest is requests and bodies."""
    line = str(error).partition("\n")[0]
    shown = QUERY.sub("", line)[:MAX_REASON_CHARACTERS]
    return f"{type(error).__name__}: {shown}"
