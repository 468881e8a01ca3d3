"""Files that were in the filestore before their message: ready at once, if they are ours."""

import json
from uuid import uuid4

import pytest

from inbox_core.app.media import retry_media
from inbox_core.domain.errors import NotRetryable
from support.inbox import ANA, Inbox
from support.pages import stored_picture, wrote
from support.stories import unsend


async def media(inbox: Inbox, number: int = 0) -> dict[str, object]:
    parts = json.loads((await inbox.messages())[number]["parts"])
    found: dict[str, object] = parts[0]["media"]
    return found


async def test_a_stored_file_is_ready_with_its_message(inbox: Inbox) -> None:
    key = f"{inbox.workspace_id}/media/2026/11/one"
    event = wrote("m.1", None, stored_picture(key))
    for _ in range(2):
        await inbox.receive(event)
    [file] = await inbox.rows("files")
    assert (file["key"], file["purpose"], file["purge_at"]) == (key, "media", None)
    shown = await media(inbox)
    assert (shown["state"], shown["file_id"]) == ("ready", str(file["id"]))
    assert "stored" not in shown
    assert await inbox.commands() == []
    await inbox.receive(wrote("m.2", None, stored_picture(key)))
    assert len(await inbox.rows("files")) == 1
    assert (await media(inbox, 1))["file_id"] == str(file["id"])


@pytest.mark.parametrize(
    "key", ["{other}/media/one", "{own}/upload/one", "{own}/media/../x", "{own}"]
)
async def test_a_file_that_is_not_the_workspaces_is_shown_as_failed(inbox: Inbox, key: str) -> None:
    key = key.format(own=inbox.workspace_id, other=uuid4())
    received = await inbox.receive(wrote("m.1", None, stored_picture(key)))
    assert received.outcomes == {"message_stored": 1, "file_refused": 1}
    assert await inbox.rows("files") == []
    assert (await media(inbox))["state"] == "failed"
    assert await inbox.commands() == []
    [row] = await inbox.messages()
    thread = (inbox.workspace_id, row["conversation_id"])
    with pytest.raises(NotRetryable):
        await retry_media(inbox.api, thread, row["id"], 0, ANA, inbox.now)


async def test_a_message_taken_back_takes_its_file_along(inbox: Inbox) -> None:
    key = f"{inbox.workspace_id}/media/2026/11/one"
    await inbox.receive(wrote("m.1", None, stored_picture(key)))
    await inbox.receive(unsend("m.1", inbox.now))
    [file] = await inbox.rows("files")
    assert file["purge_at"] is not None
