"""How long is waited for what may pass, and when a person is told."""

from datetime import timedelta
from uuid import UUID

import pytest

from adapter.patience import DELAYS_S, GIVE_UP_AFTER, JITTER, Trouble, later, of_graph
from contracts.commands import FetchMedia, MediaCommand
from contracts.parts import Media, Problem
from metagraph.errors import NotSent
from metagraph.taxonomy import RULES, Kind
from support.wire import NOON

NOBODY = UUID(int=0)
PASSING = Trouble(Problem(kind="transient", message=""), again_s=0.0)


def command(lives: timedelta = timedelta(days=7)) -> MediaCommand:
    return MediaCommand(
        id="m",
        time=NOON,
        channel="whatsapp",
        account="1",
        data=FetchMedia(
            workspace_id=NOBODY,
            channel_id=NOBODY,
            message_id=NOBODY,
            part=0,
            attempt=1,
            media=Media(ref="1"),
            not_after=NOON + lives,
        ),
    )


@pytest.mark.parametrize(
    ("tries", "asked_s", "delay_s"),
    [(0, 0, 5), (1, 0, 5), (2, 0, 15), (6, 0, 3600), (99, 0, 3600), (1, 60, 60), (6, 60, 3600)],
)
def test_the_wait_grows_and_is_never_shorter_than_asked(
    tries: int, asked_s: float, delay_s: float
) -> None:
    found = later(PASSING._replace(again_s=asked_s), command(), tries, NOON)
    assert found is not None
    assert delay_s * JITTER[0] <= found.delay_s <= delay_s * JITTER[1]


@pytest.mark.parametrize(
    ("label", "trouble", "lives", "age", "tries", "waits"),
    [
        ("what cannot pass", PASSING._replace(again_s=None), 7, timedelta(), 1, False),
        ("a day is over", PASSING, 7, GIVE_UP_AFTER, 1, False),
        ("the next try would be too late", PASSING, 1, timedelta(hours=23.5), 9, False),
        ("a short try still fits", PASSING, 1, timedelta(hours=23.5), 1, True),
        ("its time ends before the day", PASSING, 0.1, timedelta(hours=3), 1, False),
        ("once more is enough", PASSING._replace(tries=2), 7, timedelta(), 1, True),
        ("once more was enough", PASSING._replace(tries=2), 7, timedelta(), 2, False),
    ],
)
def test_when_it_gives_up(
    label: str,
    trouble: Trouble,
    lives: float,
    age: timedelta,
    tries: int,
    waits: bool,  # noqa: FBT001 - a column of the table
) -> None:
    found = later(trouble, command(timedelta(days=lives)), tries, NOON + age)
    assert (found is not None) is waits, label


@pytest.mark.parametrize("kind", RULES)
def test_what_a_person_must_mend_is_waited_for_like_what_passes(kind: Kind) -> None:
    rule = RULES[kind]
    trouble = of_graph(NotSent(rule, "reason", "7"))
    waits = rule.retry or rule.pause
    assert (trouble.again_s is not None) is waits
    assert trouble.problem == Problem(kind=kind, message=rule.sentence, code="7", retryable=waits)


def test_the_waits_only_grow() -> None:
    assert sorted(DELAYS_S) == list(DELAYS_S)
