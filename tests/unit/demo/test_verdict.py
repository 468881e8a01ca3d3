"""The demo's count. Each row spoils one thing of a run in which all went well."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from sluice_local.demo.comparing import Observed
from sluice_local.demo.items import Traffic
from sluice_local.demo.options import Options
from sluice_local.demo.sightings import Accepted, Copy
from sluice_local.demo.traffic import plan
from sluice_local.demo.verdict import judge

TRAFFIC: Traffic = plan(
    Options(messages=3, contacts=1, replies=2, seed=1, media=1, channels=("messenger",)),
    "0123abcd",
)
"""i1 of one person, then i2 i3 with files; r1, then r2, back."""

STORED = [Copy(f"id-{n}", f"i{n}", "c", 1, None) for n in (1, 2, 3)] + [
    Copy("id-r1", "r1", "c", 5, "read", parts=2),
    Copy("id-r2", "r2", "c", 5, "read"),
]
PERSON = next(iter(TRAFFIC.replies))
LEDGER = [Accepted(7, "r1", 0, "m1"), Accepted(8, "r1", 1, "m2"), Accepted(9, "r2", 0, "m3")]
WELL = Observed({"i1", "i2", "i3", "r1", "r2"}, {}, STORED, STORED, LEDGER, {PERSON})
"""Had they been a visitor of a site, with i1 and i2 on their own screen:"""
VISITED = replace(WELL, said={"v": ["i1", "i2"]}, seen={"v": ["i1", "i2"]})


def without(copies: list[Copy], key: str) -> list[Copy]:
    return [copy for copy in copies if copy.key != key]


def with_delivery(state: str, version: int = 5) -> list[Copy]:
    return [*without(STORED, "r2"), Copy("id-r2", "r2", "c", version, state)]


def with_fate(observed: Observed, state: str, ledger: list[Accepted]) -> Observed:
    copies = with_delivery(state)
    return replace(observed, stored=copies, shown=copies, ledger=ledger)


def lacking(key: str, what: str) -> list[Copy]:
    return [replace(copy, lacks=what) if copy.key == key else copy for copy in STORED]


def test_all_went_well() -> None:
    verdict = judge(TRAFFIC, WELL)
    assert verdict.agrees, verdict.wrong
    assert verdict.lines() == (
        "media 2 of 2 ready · profiles 1 of 1 · replies 2 · answered 2 · failed 0 · unknown 0",
        "sent 5 · stored 5 · shown 5 · lost 0 · doubled 0",
    )


@pytest.mark.parametrize(
    ("spoil", "lost", "doubled", "said"),
    [
        (lambda o: replace(o, stored=without(STORED, "i2")), 1, 0, "not stored: 1 (i2)"),
        (lambda o: replace(o, shown=without(STORED, "i2")), 1, 0, "not shown: 1 (i2)"),
        (
            lambda o: replace(o, stored=without(STORED, "i2"), shown=without(STORED, "i2")),
            1,
            0,
            "not stored: 1 (i2)",
        ),
        (lambda o: replace(o, stored=lacking("i2", "has no file")), 1, 0, "i2 has no file"),
        (lambda o: replace(o, shown=lacking("i2", "has no file")), 1, 0, "not shown: 1 (i2)"),
        (
            lambda o: replace(o, ledger=LEDGER[:2]),
            1,
            0,
            "not at the platform or the visitor: 1 (r2)",
        ),
        (
            lambda o: replace(o, ledger=LEDGER[1:]),
            1,
            0,
            "not at the platform or the visitor: 1 (r1)",
        ),
        (
            lambda o: replace(o, stored=[*STORED, Copy("id-9", "i1", "c", 1, None)]),
            0,
            1,
            "doubled: 1 (i1)",
        ),
        (
            lambda o: replace(o, shown=[*STORED, Copy("id-9", "i1", "c", 1, None)]),
            0,
            1,
            "doubled: 1 (i1)",
        ),
        (
            lambda o: replace(o, ledger=[*LEDGER, Accepted(10, "r2", 0, "m4")]),
            0,
            1,
            "doubled: 1 (r2)",
        ),
        (lambda o: replace(o, created_twice=1), 0, 1, ""),
        (lambda o: replace(o, strangers=["outbound x"]), 0, 1, "nobody sent: outbound x"),
        (lambda o: replace(o, named=()), 0, 0, f"without a name: 1 ({PERSON.address})"),
        (lambda o: replace(o, sent=o.sent - {"i3"}), 0, 0, "not sent: 1 (i3)"),
        (lambda o: replace(o, refused={"r2": "no"}), 0, 0, "r2 was refused: no"),
        (lambda o: with_fate(o, "sent", LEDGER), 0, 0, "r2 is still sent"),
        (lambda o: with_fate(o, "unknown", LEDGER), 0, 0, "r2 is still unknown"),
        (lambda o: replace(o, shown=with_delivery("read", 4)), 0, 0, "r2 is shown as version 4"),
        (
            lambda o: replace(o, ledger=[*LEDGER[:2], Accepted(6, "r2", 0, "m3")]),
            0,
            0,
            "out of order: r1 r2",
        ),
        (
            lambda o: replace(
                o, ledger=[Accepted(8, "r1", 0, "m1"), Accepted(7, "r1", 1, "m2"), LEDGER[2]]
            ),
            0,
            0,
            "out of order: r1 r2",
        ),
    ],
)
def test_what_is_wrong_is_counted_and_said(
    spoil: Callable[[Observed], Observed], lost: int, doubled: int, said: str
) -> None:
    verdict = judge(TRAFFIC, spoil(WELL))
    assert not verdict.agrees
    assert (verdict.lost, verdict.doubled) == (lost, doubled)
    assert said in "\n".join(verdict.wrong)


@pytest.mark.parametrize(
    ("seen", "lost", "doubled", "told"),
    [
        (["i1"], 1, 0, "not on the screen of the visitor who said it: 1 (i2)"),
        ([], 2, 0, "not on the screen of the visitor who said it: 2 (i1 i2)"),
        (["i1", "i2", "i1"], 0, 1, "doubled: 1 (i1)"),
        (["i2", "i1"], 0, 0, "out of order on the screen of v: i2 i1"),
        (["i1", "i2", "x"], 0, 0, "on the screen of v, who did not say it: 1 (x)"),
    ],
)
def test_a_visitor_s_own_screen_counts(seen: list[str], lost: int, doubled: int, told: str) -> None:
    assert judge(TRAFFIC, VISITED).agrees
    verdict = judge(TRAFFIC, replace(VISITED, seen={"v": seen}))
    assert not verdict.agrees
    assert (verdict.lost, verdict.doubled) == (lost, doubled)
    assert told in "\n".join(verdict.wrong)


@pytest.mark.parametrize("state", ["unknown", "failed"])
def test_a_reply_without_a_part_at_the_platform_is_counted_apart(state: str) -> None:
    verdict = judge(TRAFFIC, with_fate(WELL, state, LEDGER[:2]))
    assert verdict.agrees, verdict.wrong
    assert (verdict.answered, verdict.failed + verdict.unknown) == (1, 1)
