"""Names and pictures: asked for once, remembered for a while, also that there are none."""

from datetime import timedelta

import pytest

from contracts.parts import Problem, StoredFile
from support.capable import capable
from support.events import message
from support.inbox import Inbox
from support.stories import profile, said, stored_file

KEY = "{workspace}/avatar/2026/11/one"


def file(inbox: Inbox, key: str) -> StoredFile:
    return stored_file(key.format(workspace=inbox.workspace_id))


@pytest.fixture(autouse=True)
def _with_profiles(inbox: Inbox) -> None:
    inbox.book.note(capable(window=None))


async def test_somebody_new_is_looked_up_once(inbox: Inbox) -> None:
    await inbox.receive(message("in.1", "49151"), message("in.2", "49151"))
    await inbox.receive(message("in.3", "49151"))
    [command] = await inbox.commands()
    assert command["type"] == "sluice.profile.v1"
    assert command["data"]["aliases"] == [{"kind": "phone", "value": "49151"}]


@pytest.mark.parametrize(
    "fields", [{"history": True}, {"group_id": "G1"}, {"direction": "outbound"}]
)
async def test_who_did_not_write_is_not_looked_up(inbox: Inbox, fields: dict[str, object]) -> None:
    await inbox.receive(said("in.1", "49151", **fields))
    assert await inbox.commands() == []


@pytest.mark.parametrize(
    ("shown", "state", "again_after"),
    [
        ({"name": "Zoe"}, "known", timedelta(days=7)),
        ({}, "none", timedelta(hours=24)),
        ({"problem": Problem(kind="auth", message="no")}, "failed", timedelta(hours=24)),
        (None, "asked", timedelta(hours=1)),
    ],
)
async def test_what_is_known_ages(
    inbox: Inbox, shown: dict[str, object] | None, state: str, again_after: timedelta
) -> None:
    start = inbox.now
    with inbox.at(start):
        await inbox.receive(message("in.1", "49151"))
        [command] = await inbox.commands()
        if shown is not None:
            await inbox.receive(profile(command, **shown))
    [row] = await inbox.rows("identities")
    assert row["profile_state"] == state
    for passed, commands in ((again_after - timedelta(seconds=1), 1), (again_after, 2)):
        with inbox.at(start + passed):
            await inbox.receive(message(f"in.{passed}", "49151"))
        assert len(await inbox.commands()) == commands


async def test_a_name_and_a_picture_reach_the_contact(inbox: Inbox) -> None:
    await inbox.receive(said("in.1", "49151"))
    [command] = await inbox.commands()
    await inbox.forget_outbox()
    await inbox.receive(profile(command, name="Zoe", username="zoe", avatar=file(inbox, KEY)))
    [contact] = await inbox.rows("contacts")
    [picture] = await inbox.rows("files")
    assert (contact["name"], contact["username"]) == ("Zoe", "zoe")
    assert (contact["avatar_file_id"], picture["purpose"]) == (picture["id"], "avatar")
    [change] = await inbox.changes()
    assert change["data"]["state"]["avatar_file_id"] == str(picture["id"])


async def test_a_name_that_a_person_set_stays(inbox: Inbox) -> None:
    await inbox.receive(said("in.1", "49151"))
    await inbox.admin.execute("UPDATE contacts SET name = 'Boss', name_source = 'user'")
    [command] = await inbox.commands()
    await inbox.receive(profile(command, name="Zoe"))
    [contact] = await inbox.rows("contacts")
    assert contact["name"] == "Boss"


async def test_a_new_picture_replaces_the_old_and_the_same_one_stays(inbox: Inbox) -> None:
    start = inbox.now
    keys = (KEY, KEY, KEY + "-b")
    for week, key in enumerate(keys):
        with inbox.at(start + timedelta(days=8 * week)):
            await inbox.receive(said(f"in.{week}", "49151"))
            command = (await inbox.commands())[-1]
            answer = profile(command, name="Zoe", avatar=file(inbox, key))
            await inbox.receive(answer)
            await inbox.receive(answer)
        [contact] = await inbox.rows("contacts")
        files = {file["key"]: file for file in await inbox.rows("files")}
        assert contact["avatar_file_id"] == files[key.format(workspace=inbox.workspace_id)]["id"]
        assert files[key.format(workspace=inbox.workspace_id)]["purge_at"] is None
    old = {file["key"]: file["purge_at"] for file in await inbox.rows("files")}
    assert old[KEY.format(workspace=inbox.workspace_id)] is not None
