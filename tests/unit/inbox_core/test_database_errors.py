"""Which errors of the database may pass, and which are an event's own fault."""

import asyncpg
import pytest

from inbox_core.adapters.postgres.store import is_race, is_transient

ROWS = [
    (asyncpg.UniqueViolationError("raced"), True, True),
    (asyncpg.SerializationError("raced"), True, True),
    (asyncpg.DeadlockDetectedError("raced"), True, True),
    (asyncpg.CannotConnectNowError("starting up"), False, True),
    (asyncpg.AdminShutdownError("killed"), False, True),
    (asyncpg.DiskFullError("full"), False, True),
    (asyncpg.LockNotAvailableError("locked"), False, True),
    (asyncpg.InterfaceError("connection is closed"), False, True),
    # Killed in the middle of an answer: repeated a few times, then somebody looks at the event.
    (asyncpg.InternalClientError("got result for unknown protocol state 3"), True, True),
    (ConnectionRefusedError(), False, True),
    (TimeoutError(), False, True),
    (asyncpg.QueryCanceledError("statement timeout"), False, False),
    (asyncpg.DataError("invalid input"), False, False),
    (asyncpg.NotNullViolationError("a bug"), False, False),
    (ValueError("a bug"), False, False),
]


@pytest.mark.parametrize(("error", "race", "transient"), ROWS, ids=lambda v: type(v).__name__)
def test_an_error_has_its_verdict(error: Exception, race: bool, transient: bool) -> None:  # noqa: FBT001 - a row
    assert (is_race(error), is_transient(error)) == (race, transient)
