"""Watermarks beside a part's own news: two maxima, so every order ends the same."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_core.app.events_port import Mark
from inbox_core.domain.delivery import Delivery, Rank, Stage, overall

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ID = UUID(int=1)
NEWS = (
    "unknown", "sent", "failed", "delivered", "read", "played",
    "~delivered", "~read", "@delivered", "@read",
)  # fmt: skip


def part(number: int = 0) -> Delivery:
    found = Delivery(ID, ID, number, ID, ID, seq=1, queued_at=NOW, changed_at=NOW)
    found.dispatch(NOW)
    return found


def take(delivery: Delivery, news: str) -> None:
    """`sent` is its own news, `~read` a watermark's of a moment, `@read` one's of a place."""
    if news.startswith(("~", "@")):
        delivery.imply(Rank[news[1:].upper()], shown=news.startswith("@"))
    else:
        delivery.advance(1, Rank[news.upper()], NOW)


@pytest.mark.parametrize(
    ("news", "end"),
    [
        ("sent ~delivered ~read", "read"),
        ("~read", "sending"),
        ("unknown ~read", "unknown"),
        ("unknown ~read sent", "read"),
        ("sent failed ~read", "failed"),
        ("failed delivered ~read", "read"),
        ("sent played ~read", "played"),
        ("sent ~delivered ~delivered", "delivered"),
        ("sent read ~delivered", "read"),
        ("@read", "sending"),
        ("sent @delivered", "delivered"),
        ("unknown @delivered", "delivered"),
        ("failed @delivered @read", "read"),
        ("failed ~read @delivered", "delivered"),
        ("unknown failed @read ~delivered", "read"),
        ("failed delivered @read", "read"),
    ],
)
def test_every_order_shows_the_same(news: str, end: str) -> None:
    for order in permutations(news.split()):
        delivery = part()
        for fact in order:
            take(delivery, fact)
        assert delivery.state.word == end


@given(
    st.lists(st.sampled_from(NEWS)).flatmap(
        lambda news: st.tuples(st.just(news), st.permutations([*news, *news]))
    )
)
def test_repeats_and_orders_do_not_matter(orders: tuple[list[str], list[str]]) -> None:
    news, shuffled = orders
    first, second = part(), part()
    for fact in news:
        take(first, fact)
    for fact in shuffled:
        take(second, fact)
    assert first == second


@pytest.mark.parametrize(
    ("up_to_seq", "covered"), [(None, False), (0, False), (1, True), (2, True)]
)
def test_what_waits_is_covered_by_a_place_and_by_no_moment(
    up_to_seq: int | None, *, covered: bool
) -> None:
    delivery = part()
    delivery.retry(NOW)
    assert delivery.stage == Stage.WAITING
    later = NOW + timedelta(hours=1)
    assert Mark((ID, ID), Rank.READ, later, ID, up_to_seq).covers(delivery) == covered


def test_a_message_shows_its_least_advanced_part_with_watermarks() -> None:
    one, two = part(0), part(1)
    for delivery in (one, two):
        take(delivery, "sent")
    take(one, "~read")
    shown = overall([one, two])
    assert shown is two
