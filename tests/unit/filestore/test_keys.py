"""Keys: made from ids, refused when they could be anything else."""

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from filestore.errors import BadKey
from filestore.keys import MAX_KEY_CHARACTERS, check_key, key_for

WORKSPACE = UUID("018f0000-0000-7000-8000-000000000001")
BORN_IN_2024 = UUID("018f0000-0000-7000-8000-000000000002")
BORN_NEVER = UUID("b0a7a3f0-3f9c-4f43-9f6e-0a6f7f1d9f10")


def test_the_month_is_the_one_in_the_name() -> None:
    key = key_for(WORKSPACE, "media", BORN_IN_2024)
    assert key == f"{WORKSPACE}/media/2024/04/{BORN_IN_2024}"
    assert check_key(key) == key


def test_the_month_is_that_of_utc() -> None:
    at = datetime(2026, 12, 1, 1, tzinfo=timezone(timedelta(hours=3)))
    assert (
        key_for(WORKSPACE, "upload", BORN_NEVER, at) == f"{WORKSPACE}/upload/2026/11/{BORN_NEVER}"
    )


def test_a_name_without_a_time_needs_one() -> None:
    with pytest.raises(ValueError, match="UUIDv7"):
        key_for(WORKSPACE, "avatar", BORN_NEVER)
    assert key_for(WORKSPACE, "avatar", BORN_NEVER, datetime(2026, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize("key", ["a", "a/b", "a.b/c=d_e-f", "x" * MAX_KEY_CHARACTERS])
def test_a_key(key: str) -> None:
    assert check_key(key) == key


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/a",
        "a/",
        "a//b",
        "..",
        "../a",
        "a/../b",
        "a/..",
        "./a",
        ".staging/a",
        "a/.hidden",
        "a\\b",
        "C:\\a",
        "a\n",
        "a\0b",
        "a b",
        "a#1",
        "a%2e%2e/b",
        "a?b",
        "ключ",
        "a\u202eb",
        "\ud800",
        "x" * (MAX_KEY_CHARACTERS + 1),
    ],
)
def test_no_key(key: str) -> None:
    with pytest.raises(BadKey) as refused:
        check_key(key)
    assert not key or key not in str(refused.value)
