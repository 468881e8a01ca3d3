"""The delivery lattice: every order of the same news ends in the same state."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_core.domain.delivery import Delivery, Rank, Stage, overall

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ID = UUID(int=1)


def part(number: int = 0, rank: Rank = Rank.QUEUED) -> Delivery:
    return Delivery(ID, ID, number, ID, ID, seq=1, queued_at=NOW, changed_at=NOW, rank=rank)


@pytest.mark.parametrize(
    ("news", "end"),
    [
        ("sending sent delivered read", "read"),
        ("sending unknown sent", "sent"),
        ("sending failed", "failed"),
        ("sent failed", "failed"),
        ("sending failed delivered", "delivered"),
        ("sending read", "read"),
        ("sending sent played read delivered", "played"),
        ("sending sent sent sent", "sent"),
    ],
)
def test_every_order_of_news_ends_the_same(news: str, end: str) -> None:
    ranks = [Rank[word.upper()] for word in news.split()]
    for order in permutations(ranks):
        delivery = part()
        for rank in order:
            delivery.advance(1, rank, NOW)
        assert delivery.rank.word == end


@given(st.permutations([(a, r) for a in (1, 2) for r in list(Rank)[1:]]))
def test_a_second_attempt_outranks_all_of_the_first(order: list[tuple[int, Rank]]) -> None:
    delivery = part()
    for attempt, rank in order:
        delivery.advance(attempt, rank, NOW)
    assert (delivery.attempt, delivery.rank) == (2, Rank.PLAYED)


def test_unknown_is_settled_and_a_retry_waits_again() -> None:
    delivery = part()
    delivery.dispatch(NOW)
    assert (delivery.rank, delivery.stage) == (Rank.SENDING, Stage.OUTSTANDING)
    delivery.advance(1, Rank.UNKNOWN, NOW, {"kind": "timeout", "message": "?"})
    assert delivery.stage == Stage.SETTLED
    delivery.retry(NOW + timedelta(seconds=1))
    assert (delivery.attempt, delivery.rank, delivery.stage) == (2, Rank.QUEUED, Stage.WAITING)
    assert delivery.problem is None


@pytest.mark.parametrize(
    ("ranks", "shown"),
    [
        ([Rank.READ, Rank.SENT], Rank.SENT),
        ([Rank.READ, Rank.FAILED, Rank.SENT], Rank.FAILED),
        ([Rank.DELIVERED], Rank.DELIVERED),
    ],
)
def test_a_message_shows_its_least_advanced_part(ranks: list[Rank], shown: Rank) -> None:
    found = overall(part(number, rank) for number, rank in enumerate(ranks))
    assert found is not None
    assert found.rank == shown


def test_an_inbound_message_has_no_delivery() -> None:
    assert overall([]) is None
