"""A visitor's screen: whatever order news and history come in, it ends the same."""

from itertools import permutations
from typing import Any

from sluice_local.demo.visitor_screen import VisitorScreen


def message(number: int, by: str = "user", **more: Any) -> dict[str, Any]:
    at = f"2026-11-21T12:00:{number:02}.000Z"
    parts = [{"kind": "text", "text": f"word {number}"}]
    return {"id": f"m{number}", "conversation": "c", "seq": number, "at": at, "by": by,
            "parts": parts, **more}  # fmt: skip


def history(*messages: dict[str, Any], **more: Any) -> dict[str, Any]:
    threads = [{"id": "c", "open": True}]
    last = max((one["seq"] for one in messages), default=0)
    return {"t": "history", "threads": threads, "messages": list(messages),
            "cursors": {"c": last}, "more": False, **more}  # fmt: skip


def test_pages_in_any_order_and_twice_end_the_same() -> None:
    frames = [
        history(message(1, "contact"), message(2)),
        history(message(2), message(3)),
        {"t": "older", "conversation": "c", "messages": [message(0)], "end": True},
    ]
    for order in permutations([*frames, frames[0]]):
        screen = VisitorScreen()
        for frame in order:
            screen.take(frame)
        assert [one["id"] for one in screen.ordered()] == ["m0", "m1", "m2", "m3"]
        assert [one["id"] for one in screen.own()] == ["m1"]
        assert screen.seen()["c"]["id"] == "m3"


def test_the_same_time_is_ordered_by_number() -> None:
    screen = VisitorScreen()
    same = "2026-11-21T12:00:00.000Z"
    screen.take(history(message(3, at=same), message(1, at=same), message(2, at=same)))
    assert [one["seq"] for one in screen.ordered()] == [1, 2, 3]


def test_live_parts_are_there_until_history_has_them_and_move_no_cursor() -> None:
    screen = VisitorScreen()
    screen.take(history(message(1)))
    screen.take({"t": "part", "conversation": "c", "message": "m2", "seq": 2, "index": 0})
    assert screen.cursors == {"c": 1}
    assert list(screen.live) == [("m2", 0)]
    screen.take(history(message(2)))
    assert screen.cursors == {"c": 2}
    assert not screen.live


def test_what_it_does_not_know_changes_nothing() -> None:
    screen = VisitorScreen()
    for frame in ({"t": "fireworks"}, {"t": "pong", "k": 1}, {"t": "taken", "id": "x"}):
        screen.take(frame)
    assert not screen.messages


def test_who_is_there_and_who_types() -> None:
    screen = VisitorScreen()
    screen.take({"t": "ready", "present": True})
    screen.take({"t": "typing", "on": True, "author": "Maya"})
    assert (screen.present, screen.typing) == (True, "Maya")
    screen.take({"t": "ready"})  # it does not know yet
    assert screen.present
    screen.take({"t": "present", "present": False})
    screen.take({"t": "typing", "on": False})
    assert (screen.present, screen.typing) == (False, None)
    screen.take({"t": "unavailable", "message": "Not now."})
    assert screen.unavailable
