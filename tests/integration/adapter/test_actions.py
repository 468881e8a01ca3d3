"""Actions: done in time, or dropped; of a reaction that failed the screens are told."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bus.commanding import Done, Later
from support.delivery import (
    INSTAGRAM,
    INSTAGRAM_LOGIN,
    MESSENGER,
    WHATSAPP,
    ActionWord,
    Delivery,
    Side,
    action,
    delivering,
)
from support.rigs import make_rig

FAULT_TYPES = {
    "whatsapp": {"react": "reaction", "read": "receipt", "typing_on": "receipt"},
}
"""What the emulator calls an action, where that is not `action`."""


@pytest.fixture(
    params=[WHATSAPP, MESSENGER, INSTAGRAM, INSTAGRAM_LOGIN],
    ids=["whatsapp", "messenger", "instagram", "instagram login"],
)
async def side(request: pytest.FixtureRequest) -> Side:
    found: Side = request.param
    return found


@pytest.fixture
async def delivery(side: Side, tmp_path: Path) -> AsyncIterator[Delivery]:
    rig = await make_rig("memory", tmp_path)
    async with delivering(rig, side) as delivery:
        yield delivery
    await rig.close()


def sent_as(side: Side, word: ActionWord) -> dict[str, Any] | None:
    """What a platform is told; None: it has no such thing."""
    if side is not WHATSAPP:
        return {"sender_action": "mark_seen" if word == "read" else word}
    told: dict[str, dict[str, Any]] = {
        "read": {"status": "read", "message_id": "wamid.THEIRS"},
        "typing_on": {"status": "read", "typing_indicator": {"type": "text"}},
        "react": {"type": "reaction", "reaction": {"message_id": "wamid.THEIRS", "emoji": "👍"}},
        "unreact": {"type": "reaction", "reaction": {"message_id": "wamid.THEIRS", "emoji": ""}},
    }
    return told.get(word)


def befall(delivery: Delivery, word: str, **fault: Any) -> None:
    kinds = FAULT_TYPES.get(delivery.side.channel, {})
    delivery.befall(match={"type": kinds.get(word, "action")}, **fault)


@pytest.mark.parametrize("word", ["read", "typing_on", "typing_off", "react", "unreact"])
async def test_an_action_is_what_the_platform_calls_it(
    delivery: Delivery, word: ActionWord
) -> None:
    process = await delivery.process(reading=False)
    emoji = "👍" if word == "react" else None
    assert await process.act(action(word, side=delivery.side, emoji=emoji)) == Done()
    wanted = sent_as(delivery.side, word)
    accepted = delivery.accepted()
    assert len(accepted) == (wanted is not None)
    assert all((wanted or {}).items() <= entry.body.items() for entry in accepted)
    assert await delivery.action_results() == []


@pytest.mark.parametrize("word", ["react", "typing_on"])
async def test_passing_trouble_is_tried_again_while_it_is_worth_it(
    delivery: Delivery, word: ActionWord
) -> None:
    process = await delivery.process(reading=False)
    asked = action(word, side=delivery.side, emoji="👍")
    befall(delivery, word, do="error", code=2)
    assert isinstance(await process.act(asked), Later)
    assert await process.act(asked, 2) == Done()
    assert len(delivery.accepted()) == 1


async def test_a_reaction_that_comes_back_does_not_undo_a_later_one(delivery: Delivery) -> None:
    process = await delivery.process(reading=False)
    first = action("react", side=delivery.side, emoji="👍")
    befall(delivery, "react", do="error", code=2)
    assert isinstance(await process.act(first), Later)
    taken_back = action("unreact", side=delivery.side)
    assert await process.act(taken_back) == Done()
    assert await process.act(first, 2) == Done()
    [done] = delivery.accepted()
    assert "👍" not in str(done.body)
    assert await delivery.action_results() == []


@pytest.mark.parametrize(("word", "told"), [("react", 1), ("typing_on", 0), ("read", 0)])
@pytest.mark.parametrize("code", [2, 190], ids=["no time left", "refused"])
async def test_what_cannot_be_done_is_dropped_and_told_where_it_shows(
    delivery: Delivery, word: ActionWord, told: int, code: int
) -> None:
    process = await delivery.process(reading=False)
    asked = action(word, side=delivery.side, emoji="👍", lives_s=3)
    befall(delivery, word, do="error", code=code)
    assert await process.act(asked) == Done()
    results = await delivery.action_results()
    assert [result.data.command_id for result in results] == [asked.id] * told
    assert all(result.data.action == word for result in results)
    assert delivery.accepted() == []


@pytest.mark.parametrize(("word", "told"), [("unreact", 1), ("typing_on", 0)])
async def test_an_action_that_comes_too_late_is_not_done(
    delivery: Delivery, word: ActionWord, told: int
) -> None:
    process = await delivery.process(reading=False)
    assert await process.act(action(word, side=delivery.side, lives_s=-1)) == Done()
    assert [one.data.problem.kind for one in await delivery.action_results()] == ["expired"] * told
    assert delivery.accepted() == []


async def test_without_its_channel_an_action_is_dropped(delivery: Delivery) -> None:
    await delivery.channel(enabled=False)
    process = await delivery.process(reading=False)
    assert await process.act(action("react", side=delivery.side, emoji="👍")) == Done()
    assert [one.data.problem.kind for one in await delivery.action_results()] == ["no_channel"]


async def test_a_paused_account_does_nothing_either(delivery: Delivery) -> None:
    process = await delivery.process(reading=False)
    befall(delivery, "typing_on", do="error", code=190)
    assert await process.act(action("typing_on", side=delivery.side)) == Done()
    assert isinstance(await process.act(action("react", side=delivery.side, lives_s=600)), Later)
    assert await process.act(action("typing_on", side=delivery.side, lives_s=5)) == Done()
    assert delivery.accepted() == []
