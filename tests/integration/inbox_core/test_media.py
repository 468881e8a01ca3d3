"""Files of messages: asked for with the message, here or failed later, gone with the message."""

from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest
from typing_extensions import override

from contracts.events import Event
from filestore.errors import BadKey
from inbox_core.adapters.postgres.reading import PostgresReading
from inbox_core.app.media import retry_media
from inbox_core.app.purge import purge
from inbox_core.app.views import MediaView
from inbox_core.domain.errors import NotFound, NotRetryable
from support.events import message
from support.inbox import ANA, Inbox
from support.stories import echo, edit, fetched, picture, said, unsend

KEY = "{workspace}/media/2026/11/one"

LATE = "{workspace}/media/2026/11/late"


class Shelf:
    """A filestore that remembers what was deleted."""

    def __init__(self) -> None:
        self.deleted: list[str] = []

    async def delete(self, key: str) -> None:
        self.deleted.append(key)


async def media(inbox: Inbox, part: int = 0) -> MediaView:
    """The file of the only message, as screens see it."""
    [row] = await inbox.conversations()
    page = await PostgresReading(inbox.worker).messages((inbox.workspace_id, row["id"]), 10)
    found = page.items[0].parts[part].media
    assert found is not None
    return found


async def test_a_file_is_asked_for_with_its_message_and_comes_later(inbox: Inbox) -> None:
    await inbox.receive(said("in.1", "49151", picture(url="https://hint.example/secret")))
    [command] = await inbox.commands()
    [row] = await inbox.messages()
    assert command["id"] == f"media:{row['id']}.0.1"
    assert command["type"] == "sluice.media.v1"
    assert command["data"]["media"]["ref"] == "media-1"
    shown = await media(inbox)
    assert (shown.state, shown.file_id, shown.url) == ("pending", None, None)
    await inbox.forget_outbox()
    assert (await inbox.receive(fetched(command, KEY))).outcomes == {"media_ready": 1}
    [file] = await inbox.rows("files")
    shown = await media(inbox)
    assert (shown.state, shown.file_id, shown.mime_type) == ("ready", file["id"], "image/png")
    [change] = await inbox.changes()
    assert change["type"] == "message.media_changed"
    assert "media-1" not in str(change["data"]["state"])


@pytest.mark.parametrize("kind", ["echo", "history"])
async def test_echoes_and_history_have_files_too(inbox: Inbox, kind: str) -> None:
    direction = "outbound" if kind == "echo" else "inbound"
    history = kind == "history"
    await inbox.receive(said("in.1", "49151", picture(), direction=direction, history=history))
    assert len(await inbox.commands()) == 1


async def test_a_repeat_asks_for_nothing(inbox: Inbox) -> None:
    event = said("in.1", "49151", picture())
    await inbox.receive(event, event)
    await inbox.receive(event)
    [command] = await inbox.commands()
    await inbox.receive(fetched(command, KEY))
    assert (await inbox.receive(fetched(command, KEY))).outcomes == {"media_repeated": 1}
    [file] = await inbox.rows("files")
    assert file["purge_at"] is None


async def test_a_file_that_is_not_ours_is_linked_until_it_expires(inbox: Inbox) -> None:
    link = "https://cdn.example/story"
    story = picture(link, policy="link", expires_at=inbox.now + timedelta(days=1))
    await inbox.receive(said("in.1", "49151", story))
    assert await inbox.commands() == []
    shown = await media(inbox)
    assert (shown.state, shown.url) == ("link", link)
    old = picture(link, policy="link", expires_at=inbox.now - timedelta(days=1))
    await inbox.receive(said("in.2", "49151", old))
    shown = await media(inbox)
    assert (shown.state, shown.url) == ("purged", None)


async def test_a_link_that_no_browser_may_follow_is_not_shown(inbox: Inbox) -> None:
    await inbox.receive(said("in.1", "49151", picture("javascript:alert(1)", policy="link")))
    assert (await media(inbox)).url is None


async def test_a_failed_file_is_tried_again_by_a_person(inbox: Inbox) -> None:
    await inbox.receive(said("in.1", "49151", picture()))
    [command] = await inbox.commands()
    [row] = await inbox.messages()
    key = (inbox.workspace_id, row["conversation_id"])
    with pytest.raises(NotRetryable):
        await retry_media(inbox.api, key, row["id"], 0, ANA, inbox.now)
    assert (await inbox.receive(fetched(command))).outcomes == {"media_failed": 1}
    shown = await media(inbox)
    assert shown.state == "failed"
    assert shown.problem is not None
    view = await retry_media(inbox.api, key, row["id"], 0, ANA, inbox.now)
    assert view.parts[0].media is not None
    assert view.parts[0].media.state == "pending"
    again = (await inbox.commands())[-1]
    assert again["id"] == f"media:{row['id']}.0.2"
    # The first attempt was not lost after all, but nobody awaits it any more.
    await inbox.receive(fetched(command, LATE))
    assert (await media(inbox)).state == "pending"
    await inbox.receive(fetched(again, KEY))
    assert (await media(inbox)).state == "ready"
    kept = {file["key"]: file["purge_at"] for file in await inbox.rows("files")}
    assert kept[KEY.format(workspace=inbox.workspace_id)] is None
    assert kept[LATE.format(workspace=inbox.workspace_id)] is not None
    with pytest.raises(NotFound):
        await retry_media(inbox.api, key, row["conversation_id"], 0, ANA, inbox.now)


@pytest.mark.parametrize("order", ["file first", "unsend first"])
async def test_an_unsent_file_is_deleted_whatever_comes_first(inbox: Inbox, order: str) -> None:
    await inbox.receive(said("in.1", "49151", picture()))
    [command] = await inbox.commands()
    events: list[Event] = [fetched(command, KEY), unsend("in.1", inbox.now)]
    for event in events if order == "file first" else reversed(events):
        await inbox.receive(event)
    shelf = Shelf()
    assert await purge(inbox.worker, shelf, inbox.now) == 1
    assert shelf.deleted == [KEY.format(workspace=inbox.workspace_id)]
    assert await inbox.rows("files") == []
    assert await purge(inbox.worker, shelf, inbox.now) == 0


async def test_an_outage_of_the_filestore_loses_no_purge(inbox: Inbox) -> None:
    class Away:
        async def delete(self, key: str) -> None:
            raise OSError("away: " + key)

    await inbox.receive(said("in.1", "49151", picture()))
    [command] = await inbox.commands()
    await inbox.receive(fetched(command, KEY), unsend("in.1", inbox.now))
    with pytest.raises(OSError, match="away"):
        await purge(inbox.worker, Away(), inbox.now)
    assert await purge(inbox.worker, Shelf(), inbox.now) == 1


async def test_an_edit_keeps_the_file_it_names_again_and_purges_another(inbox: Inbox) -> None:
    await inbox.receive(said("in.1", "49151", picture()))
    [command] = await inbox.commands()
    await inbox.receive(fetched(command, KEY))
    same = edit("in.1", "words", inbox.now)
    kept = same.model_copy(update={"data": same.data.model_copy(update={"parts": (picture(),)})})
    await inbox.receive(kept)
    assert (await media(inbox)).state == "ready"
    assert len(await inbox.commands()) == 1
    await inbox.receive(edit("in.1", "only words", inbox.now + timedelta(seconds=1)))
    [file] = await inbox.rows("files")
    assert file["purge_at"] is not None


async def test_a_file_for_another_channels_message_is_not_taken(inbox: Inbox) -> None:
    await inbox.receive(said("in.1", "49151", picture()), message("in.2", "49152"))
    [command] = await inbox.commands()
    stranger = fetched({"data": {**command["data"], "message_id": str(inbox.channel_id)}}, KEY)
    assert (await inbox.receive(stranger)).outcomes == {"media_of_no_message": 1}
    [file] = await inbox.rows("files")
    assert file["purge_at"] is not None


async def test_our_own_echo_asks_for_no_file_twice(inbox: Inbox) -> None:
    await inbox.receive(message("in.1", "49151"))
    [row] = await inbox.conversations()
    sent = await inbox.reply(row["id"], "look")
    await inbox.receive(echo("out.1", "49151", client_ref=f"{sent.id}.1.0"))
    assert [command["type"] for command in await inbox.commands()] == ["sluice.send.v1"]


NOT_OURS = [
    f"{UUID(int=9)}/media/2026/11/one",
    f"{{workspace}}/../{UUID(int=9)}/media/2026/11/one",
    f"{{workspace}}/media/../../{UUID(int=9)}/media/one",
    "{workspace}/upload/2026/11/one",
    "{workspace}/media//one",
    "{workspace}",
]


@pytest.mark.parametrize("key", NOT_OURS)
@pytest.mark.parametrize(("attempt", "state"), [(1, "failed"), (7, "pending")])
async def test_a_file_that_lies_elsewhere_is_neither_taken_nor_purged(
    inbox: Inbox, key: str, attempt: int, state: str
) -> None:
    await inbox.receive(said("in.1", "49151", picture()))
    [command] = await inbox.commands()
    await inbox.receive(fetched(command, key, attempt=attempt))
    assert (await media(inbox)).state == state
    assert await inbox.rows("files") == []


async def test_the_database_keeps_no_file_under_another_workspaces_key(inbox: Inbox) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await inbox.admin.execute(
            "INSERT INTO files (workspace_id, id, key, purpose, mime_type, size, sha256)"
            " VALUES ($1, $2, $3, 'media', 'image/png', 3, 'ab')",
            inbox.workspace_id,
            UUID(int=1),
            f"{UUID(int=9)}/media/2026/11/one",
        )


async def test_a_key_that_no_store_takes_holds_up_nothing(inbox: Inbox) -> None:
    class Strict(Shelf):
        @override
        async def delete(self, key: str) -> None:
            raise BadKey("not a key of ours")

    await inbox.receive(said("in.1", "49151", picture()))
    [command] = await inbox.commands()
    await inbox.receive(fetched(command, KEY), unsend("in.1", inbox.now))
    assert await purge(inbox.worker, Strict(), inbox.now) == 1
    assert await inbox.rows("files") == []
