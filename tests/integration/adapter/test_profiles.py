"""Names and pictures of people, and that Meta may show none."""

import asyncio
import shutil
from datetime import timedelta
from typing import Any

import pytest
import uuid_utils.compat as uuids

from bus.commanding import Done, Later
from contracts.commands import ProfileCommand
from contracts.events import ProfileResult
from integration.adapter.stage import PNG, Stage, delivered, profile_command
from metagraph.emulator.names import INSTAGRAM, PAGE, Platform
from metagraph.emulator.people import Person
from support.clock import Clock

ADA = "24000000000000001"


def introduce(stage: Stage, channel: str = "messenger", **fields: Any) -> None:
    at: Platform = PAGE if channel == "messenger" else INSTAGRAM
    person = Person(ADA, "Ada Byron King", (at, "1001"), "ada.byron", **fields)
    stage.emulator.people.introduce(person)


async def looked_up(stage: Stage, command: ProfileCommand) -> ProfileResult:
    assert await stage.profiles().handle(command, delivered(command)) == Done()
    [event] = stage.profile_results()
    assert event.id == f"{command.channel}:1001:profile:{command.id}"
    assert event.data.identity_id == command.data.identity_id
    return event.data


@pytest.mark.parametrize(("channel", "username"), [("messenger", None), ("instagram", "ada.byron")])
async def test_name_and_picture(stage: Stage, channel: str, username: str | None) -> None:
    introduce(stage, channel)
    data = await looked_up(stage, profile_command(ADA, channel))
    assert (data.name, data.username, data.problem) == ("Ada Byron King", username, None)
    assert data.avatar is not None
    assert data.avatar.mime_type == "image/png"
    assert await stage.store.read(data.avatar.key, 10**6) == PNG


@pytest.mark.parametrize("channel", ["messenger", "instagram"])
async def test_a_person_without_profile_is_no_problem(stage: Stage, channel: str) -> None:
    introduce(stage, channel, consent=False)
    data = await looked_up(stage, profile_command(ADA, channel))
    assert (data.name, data.avatar, data.problem) == (None, None, None)


async def test_a_person_without_picture_keeps_the_name(stage: Stage) -> None:
    introduce(stage, picture=False)
    data = await looked_up(stage, profile_command(ADA))
    assert (data.name, data.avatar) == ("Ada Byron King", None)


async def test_a_person_with_no_alias_of_the_channel_is_not_asked_for(stage: Stage) -> None:
    data = await looked_up(stage, profile_command("+15550100", "whatsapp"))
    assert (data.name, data.problem) == (None, None)


async def test_a_picture_that_is_none_costs_no_name(stage: Stage) -> None:
    """The store is away: the name comes all the same, and the next look-up tries again."""
    introduce(stage)
    identity = uuids.uuid7()
    profiles = stage.profiles()
    shutil.rmtree(stage.folder)
    stage.folder.write_bytes(b"")
    first = profile_command(ADA, identity=identity)
    assert await profiles.handle(first, delivered(first)) == Done()
    stage.folder.unlink()
    (stage.folder / ".staging").mkdir(parents=True)
    second = profile_command(ADA, identity=identity)
    assert await profiles.handle(second, delivered(second)) == Done()
    without, with_picture = (event.data for event in stage.profile_results())
    assert (without.name, without.avatar) == ("Ada Byron King", None)
    assert with_picture.avatar is not None


async def test_a_picture_keeps_its_key_until_it_changes(stage: Stage) -> None:
    introduce(stage)
    identity = uuids.uuid7()
    for _ in range(2):
        command = profile_command(ADA, identity=identity)
        await stage.profiles().handle(command, delivered(command))  # nothing is remembered
    one, two = (event.data.avatar for event in stage.profile_results())
    assert one == two
    assert len(stage.stored()) == 1
    other = profile_command(ADA)
    await stage.profiles().handle(other, delivered(other))
    third = stage.profile_results()[2].data.avatar
    assert third is not None
    assert one is not None
    assert third.key != one.key


@pytest.mark.parametrize("consent", [True, False])
async def test_within_an_hour_nobody_is_asked_twice(
    stage: Stage,
    consent: bool,  # noqa: FBT001 - a column of the table
) -> None:
    introduce(stage, consent=consent)
    clock, identity = Clock(), uuids.uuid7()
    profiles = stage.profiles(monotonic=clock)
    burst = [profile_command(ADA, identity=identity) for _ in range(5)]
    stage.befall("profile", do="delay", seconds=0.05)
    stage.befall("profile", do="delay", seconds=0, times=10)
    await asyncio.gather(*(profiles.handle(one, delivered(one)) for one in burst))
    assert stage.emulator.script.pending() == 10
    results = stage.profile_results()
    assert len({event.id for event in results}) == 5
    assert {event.data.name for event in results} == {"Ada Byron King" if consent else None}
    clock.forward(3601)
    later = profile_command(ADA, identity=identity)
    await profiles.handle(later, delivered(later))
    assert stage.emulator.script.pending() == 9


@pytest.mark.parametrize(
    "fault",
    [{"do": "error", "code": 4}, {"do": "error", "code": 190}, {"do": "http", "status": 503}],
    ids=str,
)
async def test_what_passes_is_waited_for_and_told_at_the_end(
    stage: Stage, fault: dict[str, Any]
) -> None:
    introduce(stage)
    stage.befall("profile", times=2, **fault)
    command = profile_command(ADA)
    profiles = stage.profiles()
    assert isinstance(await profiles.handle(command, delivered(command)), Later)
    assert stage.published == []
    last = command.model_copy(
        update={
            "data": command.data.model_copy(
                update={"not_after": command.time + timedelta(seconds=4)}
            )
        }
    )
    assert await profiles.handle(last, delivered(last, 9)) == Done()
    [event] = stage.profile_results()
    assert event.data.problem is not None
    assert event.data.problem.retryable


async def test_an_app_that_may_not_read_profiles_says_so_at_once(stage: Stage) -> None:
    introduce(stage)
    stage.befall("profile", do="error", code=200)
    data = await looked_up(stage, profile_command(ADA))
    assert data.problem is not None
    assert data.problem.kind == "auth"
