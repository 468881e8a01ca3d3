"""The file of a part: which attempt counts, what an edit keeps, when a link is gone."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from inbox_core.domain import media
from inbox_core.domain.files import File
from inbox_core.domain.message import Parts

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ID = UUID(int=1)
FILE = File(ID, ID, "w/media/one", "media", "image/png", 3, "ab", NOW, "a.png")
PROBLEM = {"kind": "gone", "message": "It is not there any more."}


def parts(*refs: str, **more: object) -> Parts:
    return [
        {"kind": "text", "text": "look"},
        *({"kind": "image", "media": {"ref": ref, "policy": "copy", **more}} for ref in refs),
    ]


def test_a_new_file_is_wanted_once() -> None:
    found = parts("a", "b")
    assert media.begin(found) == [(1, 1), (2, 1)]
    assert media.begin(found) == []
    assert media.begin(parts("a", policy="link")) == []


@pytest.mark.parametrize(("part", "attempt"), [(0, 1), (1, 2), (1, 0), (9, 1), (-1, 1)])
def test_an_answer_nobody_awaits(part: int, attempt: int) -> None:
    found = parts("a")
    media.begin(found)
    assert not media.awaits(found, part, attempt)
    assert media.awaits(found, 1, 1)


def test_a_file_comes_fails_and_comes_again() -> None:
    found = parts("a", mime_type="image/jpeg")
    media.begin(found)
    media.settle(found, 1, None, PROBLEM)
    assert found[1]["media"]["problem"] == PROBLEM
    assert media.retry(found, 1) == (1, 2)
    assert media.retry(found, 1) is None
    media.settle(found, 1, FILE, None)
    ready = found[1]["media"]
    assert (ready["state"], ready["mime_type"], ready["ref"]) == ("ready", "image/png", "a")
    assert "problem" not in ready
    assert media.files_of(found) == {ID}
    assert not media.awaits(found, 1, 2)


def test_an_edit_keeps_what_it_names_again() -> None:
    before = parts("a", "b")
    media.begin(before)
    media.settle(before, 1, FILE, None)
    after = parts("c", "a")
    assert media.begin(after, media.carry(before, after)) == [(1, 2)]
    assert media.files_of(after) == {ID}


def test_bare_parts_are_as_the_wire_had_them() -> None:
    found = parts("a")
    wire = deepcopy(found)
    media.begin(found)
    assert media.bare(found) == wire


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        ({"state": "ready"}, "ready"),
        ({"state": "link"}, "link"),
        ({"state": "link", "expires_at": NOW + timedelta(seconds=1)}, "link"),
        ({"state": "link", "expires_at": NOW.isoformat()}, "purged"),
        ({"state": "ready", "expires_at": NOW.isoformat()}, "ready"),
    ],
)
def test_a_link_is_gone_when_it_expires(shown: dict[str, object], state: str) -> None:
    assert media.shown_state(shown, NOW) == state


def test_a_message_of_endless_files_asks_for_some_of_them() -> None:
    found = parts(*(f"ref-{number}" for number in range(media.MOST_FETCHED + 50)))
    assert len(media.begin(found)) == media.MOST_FETCHED
    states = [part["media"]["state"] for part in found[1:]]
    assert states == ["pending"] * media.MOST_FETCHED + ["failed"] * 50
    assert media.begin(found) == []
    assert media.retry(found, len(found) - 1) == (len(found) - 1, 2)
