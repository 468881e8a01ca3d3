"""Who goes on as whom: an identification whose answer was lost, wherever it broke off, and late."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from typing_extensions import override

from bus.errors import Unavailable
from bus.memory import MemoryBus
from support.clock import Clock
from support.exchange import SIGNER, a_channel
from widget_gateway.sessions.desk import SessionDesk
from widget_gateway.sessions.ended import End, EndedSessions
from widget_gateway.sessions.nonces import Nonces
from widget_gateway.sessions.proofs import Identity, ProofRefused
from widget_gateway.sessions.tokens import IDENTIFIED_S, REMEMBERED_S, SessionRefused, Tokens
from widget_gateway.site.channels import Channel
from widget_gateway.visitor import Visitor

CHANNEL = a_channel()
ADA, EVE = "ada", "eve"


class Failing(EndedSessions):
    """Away for the next `leaves`, before anything is noted."""

    leaves = 0

    @override
    async def leave(self, visitor: Visitor, successor: Visitor) -> End:
        if self.leaves:
            self.leaves -= 1
            raise Unavailable("the bus is away")
        return await super().leave(visitor, successor)


@dataclass
class World:
    """A desk, and what it told: visitors who are known now, sessions that ended."""

    bus: MemoryBus
    clock: Clock = field(default_factory=Clock)
    identified: list[Visitor] = field(default_factory=list)
    over: list[str] = field(default_factory=list)
    proofs: int = 0

    def __post_init__(self) -> None:
        self.ended = Failing(self.bus.bucket("ended-sessions"))
        nonces = Nonces(self.bus.bucket("nonces"))
        self.tokens = Tokens(SIGNER, self.clock)
        self.desk = SessionDesk(
            self.tokens, self.ended, nonces, self._ended, self._known, self.clock
        )

    async def _ended(self, visitor: Visitor) -> None:
        self.over.append(visitor.session)

    def _known(self, _channel: Channel, visitor: Visitor) -> None:
        self.identified.append(visitor)

    def proof(self, user_id: str) -> Identity:
        """One that was not used yet."""
        self.proofs += 1
        return Identity(user_id, f"jti:{self.proofs}", name=user_id.title())

    async def open(self, token: str | None = None, proof: Identity | None = None) -> Any:
        return await self.desk.open(CHANNEL, token, proof)

    async def refused(self, token: str | None, proof: Identity | None = None) -> str:
        try:
            await self.open(token, proof)
        except (SessionRefused, ProofRefused) as refused:
            return refused.code
        return "granted"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    bus = MemoryBus()
    yield World(bus)
    await bus.close()


async def test_a_lost_answer_is_given_again(world: World) -> None:
    anonymous, token = await world.open()
    proof = world.proof(ADA)
    first, lost = await world.open(token, proof)
    for again in (proof, world.proof(ADA)):
        visitor, renewed = await world.open(token, again)
        assert visitor == first
        assert visitor.id == anonymous.id
        assert renewed == lost
    assert await world.desk.redeem(CHANNEL, lost) == first
    assert await world.refused(token) == "session_ended"
    assert {visitor.session for visitor in world.identified} == {first.session}


async def test_one_that_broke_off_after_the_proof_was_used(world: World) -> None:
    anonymous, token = await world.open()
    proof = world.proof(ADA)
    world.ended.leaves = 1
    with pytest.raises(Unavailable):
        await world.open(token, proof)
    assert (await world.open(token))[0].user_id is None
    visitor, _ = await world.open(token, proof)
    assert (visitor.id, visitor.user_id) == (anonymous.id, ADA)


async def test_a_lost_answer_of_a_new_user_is_the_same_new_visitor(world: World) -> None:
    ada, token = await world.open(None, world.proof(ADA))
    proof = world.proof(EVE)
    eve, _ = await world.open(token, proof)
    again, _ = await world.open(token, proof)
    assert again == eve
    assert eve.id != ada.id
    assert await world.refused(token, world.proof(ADA)) == "session_ended"


async def test_a_session_is_of_the_user_who_came_first(world: World) -> None:
    anonymous, token = await world.open()
    await world.open(token, world.proof(ADA))
    proof = world.proof(EVE)
    assert await world.refused(token, proof) == "session_ended"
    assert set(world.over) == {anonymous.session}
    # The proof is still good: Eve is a visitor of her own.
    assert (await world.open(None, proof))[0].user_id == EVE


@pytest.mark.parametrize("shown_with", ["nothing", "another session"])
async def test_a_copy_of_a_used_proof_is_worth_nothing(world: World, shown_with: str) -> None:
    _, token = await world.open()
    proof = world.proof(ADA)
    await world.open(token, proof)
    other = None if shown_with == "nothing" else (await world.open())[1]
    assert await world.refused(other, proof) == "identity_replayed"


async def test_what_was_reset_never_comes_back(world: World) -> None:
    _, anonymous = await world.open()
    proof = world.proof(ADA)
    visitor, token = await world.open(anonymous, proof)
    await world.desk.end(visitor)
    for shown in (token, anonymous):
        assert await world.refused(shown, proof) == "session_ended"
        assert await world.refused(shown, world.proof(ADA)) == "session_ended"
    world.clock.forward(IDENTIFIED_S)
    assert await world.refused(token, world.proof(ADA)) == "session_ended"


async def test_an_anonymous_session_that_was_reset_is_nobodys(world: World) -> None:
    visitor, token = await world.open()
    await world.desk.end(visitor)
    assert await world.refused(token, world.proof(ADA)) == "session_ended"


async def test_an_end_is_told_again_to_whoever_missed_it(world: World) -> None:
    visitor, token = await world.open()
    await world.desk.end(visitor)
    with pytest.raises(SessionRefused, match="session_ended"):
        await world.desk.redeem(CHANNEL, token)
    assert world.over == [visitor.session] * 2


async def test_a_user_who_was_away_for_long_stays_the_same_visitor(world: World) -> None:
    first, token = await world.open(None, world.proof(ADA))
    world.clock.forward(IDENTIFIED_S)
    assert await world.refused(token) == "session_expired"
    assert await world.refused(token, world.proof(EVE)) == "session_expired"
    again, renewed = await world.open(token, world.proof(ADA))
    assert (again.id, again.session) == (first.id, first.session)
    assert (await world.desk.redeem(CHANNEL, renewed)).id == first.id


async def test_an_old_token_is_forgotten_before_its_end_is(world: World) -> None:
    _, token = await world.open(None, world.proof(ADA))
    world.clock.forward(REMEMBERED_S)
    assert await world.refused(token, world.proof(ADA)) == "session_expired"
