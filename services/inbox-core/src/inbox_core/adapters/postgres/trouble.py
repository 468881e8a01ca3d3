"""What a database error means to someone who waits for an answer. Passed to entrypoints/http."""

from typing import Literal

import asyncpg

from inbox_core.adapters.postgres.store import TRANSIENT_CODES, is_transient

CANCELLED = "57014"


def trouble(error: BaseException) -> Literal["raced", "away"] | None:
    """`raced`: certainly not carried out, try again now. `away`: nobody knows, try again later.

    None: a fault of ours. A statement out of time counts as away: whoever asked may ask again.
    """
    if isinstance(error, asyncpg.PostgresError):
        if error.sqlstate in TRANSIENT_CODES:
            return "raced"
        if error.sqlstate == CANCELLED:
            return "away"
    return "away" if is_transient(error) else None
