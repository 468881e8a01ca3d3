"""Tickets: what opens a socket, and everything that does not."""

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from inbox_core.app.access import Membership, Principal
from inbox_core.domain.errors import NotFound
from inbox_core.entrypoints.realtime.tickets import (
    PURPOSE,
    Seat,
    TicketOffice,
    TicketRefused,
    mint,
    redeem,
)
from vault.signing import Signer

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ONE, TWO = UUID(int=1), UUID(int=2)
OLD_KEY, NEW_KEY = b"o" * 32, b"n" * 32
SIGNER = Signer([NEW_KEY])
SEAT = Seat(ONE, "u-1", "support", "session:x", NOW + timedelta(hours=2))


def flipped(ticket: str, at: int) -> str:
    raw = bytearray(base64.urlsafe_b64decode(ticket + "=" * (-len(ticket) % 4)))
    raw[at] ^= 1
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@pytest.mark.parametrize(
    "seat", [SEAT, Seat(TWO, "t-1", "viewer", "token:y")], ids=["session", "token"]
)
@pytest.mark.parametrize("age_s", [0, 29])
def test_a_ticket_is_good_for_thirty_seconds(seat: Seat, age_s: int) -> None:
    ticket = mint(SIGNER, seat, NOW)
    assert redeem(SIGNER, ticket, NOW + timedelta(seconds=age_s)) == seat


@pytest.mark.parametrize(
    ("ticket", "later_s", "reason"),
    [
        (mint(SIGNER, SEAT, NOW), 30, "expired"),
        (mint(SIGNER, SEAT, NOW), 86_400, "expired"),
        (mint(SIGNER, Seat(ONE, "u", "r", "c", NOW), NOW), 0, "session_ended"),
        (flipped(mint(SIGNER, SEAT, NOW), 3), 0, "forged"),
        (flipped(mint(SIGNER, SEAT, NOW), 20), 0, "forged"),
        (flipped(mint(SIGNER, SEAT, NOW), -1), 0, "forged"),
        (mint(SIGNER, SEAT, NOW)[:-4], 0, "forged"),
        (mint(Signer([OLD_KEY]), SEAT, NOW), 0, "forged"),
        (SIGNER.wrap("csrf", b"{}"), 0, "forged"),
        (SIGNER.wrap(PURPOSE, b"{}"), 0, "malformed"),
        ("", 0, "forged"),
        ("ümlaut", 0, "forged"),
        ("a" * 2000, 0, "forged"),
    ],
)
def test_what_is_no_good_ticket_is_refused(ticket: str, later_s: int, reason: str) -> None:
    with pytest.raises(TicketRefused) as refused:
        redeem(SIGNER, ticket, NOW + timedelta(seconds=later_s))
    assert refused.value.reason == reason


def test_a_ticket_of_the_key_before_is_good_while_keys_are_rotated() -> None:
    ticket = mint(Signer([OLD_KEY]), SEAT, NOW)
    assert redeem(Signer([NEW_KEY, OLD_KEY]), ticket, NOW) == SEAT


def member(*workspaces: UUID) -> Principal:
    memberships = {w: Membership(w, "w", "viewer") for w in workspaces}
    return Principal(UUID(int=7), "Ana", "session:x", memberships)


@pytest.mark.parametrize(
    ("workspaces", "asked", "given"),
    [
        ((ONE,), ONE, ONE),
        ((ONE,), None, ONE),
        ((ONE, TWO), TWO, TWO),
        ((ONE, TWO), None, None),
        ((ONE,), TWO, None),
        ((), None, None),
    ],
)
def test_a_seat_only_where_one_belongs(
    workspaces: tuple[UUID, ...], asked: UUID | None, given: UUID | None
) -> None:
    office = TicketOffice(SIGNER, clock=lambda: NOW)
    if given is None:
        with pytest.raises(NotFound):
            office.issue(member(*workspaces), asked)
        return
    answer = office.issue(member(*workspaces), asked, NOW + timedelta(hours=1))
    seat = office.redeem(answer.ticket)
    assert (seat.workspace, seat.role, seat.credential) == (given, "viewer", "session:x")
    assert (answer.expires_in, office.left_s(seat)) == (30, 3600)
