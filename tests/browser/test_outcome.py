"""The judge of the seeded talks sees what is wrong: a proof is worth what its judge is."""

from typing import Any

import pytest

from browser.outcome import problems
from support.tab import Row

SAID, ANSWERED = ["a", "b"], ["x"]


def stored(seq: int, direction: str, text: str) -> dict[str, Any]:
    return {"seq": 99 - seq, "sent_at": f"2026-11-20T12:00:{seq:02}Z", "direction": direction,
            "parts": [{"kind": "text", "text": text}]}  # fmt: skip


def row(text: str, state: str = "sent") -> Row:
    return Row(key=text, by="contact", state=state, seen=False, texts=(text,), files=())


THREAD = [stored(1, "inbound", "a"), stored(2, "outbound", "x"), stored(3, "inbound", "b")]
ROWS = [row("a"), row("x"), row("b")]


def test_when_all_is_right_nothing_is_wrong() -> None:
    assert problems(SAID, ANSWERED, THREAD, [ROWS, ROWS]) == []


@pytest.mark.parametrize(
    ("thread", "rows", "wrong"),
    [
        (THREAD[:2], ROWS[:2], "lost ['b']"),
        ([*THREAD, stored(4, "inbound", "b")], [*ROWS, row("b")], "doubled ['b']"),
        ([*THREAD, stored(4, "inbound", "z")], [*ROWS, row("z")], "foreign ['z']"),
        ([stored(1, "inbound", "b"), stored(2, "outbound", "x"), stored(3, "inbound", "a")],
         ROWS, "out of order"),
        (THREAD, ROWS[:2], "tab 1: lost ['b']"),
        (THREAD, [*ROWS, ROWS[0]], "tab 1: doubled ['a']"),
        (THREAD, [ROWS[1], ROWS[0], ROWS[2]], "tab 1: out of order"),
        (THREAD, [*ROWS[:2], row("b", "sending")], "tab 1: b is still sending"),
        (THREAD, [*ROWS[:2], row("b", "failed")], "tab 1: b is still failed"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(thread: list[Any], rows: list[Row], wrong: str) -> None:
    assert wrong in " ".join(problems(SAID, ANSWERED, thread, [rows]))
