"""Answers over REST on a channel that shows our threads: as they are, or else as words."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from contracts.parts import Alias
from contracts.rpc import HistoryAnswer, HistoryRequest
from inbox_core.adapters.postgres.history import PostgresVisitors
from inbox_core.adapters.postgres.store import PostgresStore
from inbox_core.app.history import Histories
from inbox_core.app.plan import new_id
from inbox_core.entrypoints.rpc.visitors import VisitorDesk
from support.rest import Rest, add_file
from support.seeds import add_conversation
from support.threads import TYPE
from widget_gateway.capabilities import CAPABILITIES

PLACE = {"type": "location", "latitude": 52.5, "longitude": 13.4, "name": "Here"}
BUTTONS = {
    "type": "buttons",
    "text": "Which one?",
    "buttons": [{"id": "a", "title": "Blue"}, {"id": "b", "title": "Red"}],
}
LINK = {"type": "link_button", "text": "Pay here", "title": "Pay", "url": "https://x.example/pay"}


@pytest.fixture
async def thread(rest: Rest) -> UUID:
    """A conversation on a channel of that type."""
    rest.parts.book.note(CAPABILITIES)
    channel = new_id()
    await rest.admin.execute(
        "INSERT INTO channels (workspace_id, id, type, account, name, secret)"
        " VALUES ($1, $2, $3, 'site', 'Our site', 'sealed')",
        rest.workspace,
        channel,
        TYPE,
    )
    return await add_conversation(rest.admin, rest.workspace, channel, "hi")


async def outbox(rest: Rest) -> list[tuple[str, Any]]:
    rows = await rest.admin.fetch("SELECT subject, body FROM outbox WHERE lane = 'commands'")
    return [(row["subject"], command) for row in rows for command in orjson.loads(row["body"])]


async def told(rest: Rest, thread: UUID) -> HistoryAnswer:
    store = rest.parts.backend.store
    assert isinstance(store, PostgresStore)
    desk = VisitorDesk(Histories(PostgresVisitors(store), rest.parts.book), at_once=1)
    name = await rest.admin.fetchval(
        "SELECT a.value FROM identity_aliases a JOIN conversations c USING (identity_id)"
        " WHERE c.id = $1",
        thread,
    )
    ask = HistoryRequest(type=TYPE, account="site", aliases=(Alias(kind="phone", value=name),))
    return HistoryAnswer.model_validate_json(await desk.answer(ask.model_dump_json().encode()))


async def post(rest: Rest, thread: UUID, *parts: dict[str, Any]) -> Any:
    answer = await rest.post(f"/conversations/{thread}/messages", {"parts": list(parts)})
    assert answer.status == 201, answer.body
    return answer.json


async def test_a_text_as_long_as_any_goes_in_one_piece(rest: Rest, thread: UUID) -> None:
    words = "\N{GRINNING FACE}" * 20_000
    await post(rest, thread, {"type": "text", "text": words})
    [(subject, command)] = await outbox(rest)
    assert (subject, command["data"]["part"]["text"]) == (f"outbound.{TYPE}.send", words)
    assert (await told(rest, thread)).messages[-1].parts[0].text == words


async def test_a_file_is_shown_from_our_own_store(rest: Rest, thread: UUID) -> None:
    file = await add_file(rest, rest.workspace)
    await post(rest, thread, {"type": "file", "file_id": str(file), "caption": "the words"})
    [(subject, command)] = await outbox(rest)
    part = command["data"]["part"]
    assert (subject, part["kind"], part["text"]) == (f"outbound.{TYPE}.send", "document",
                                                     "the words")  # fmt: skip
    assert part["media"]["ref"].startswith(f"file:{rest.workspace}/upload/")
    message = (await told(rest, thread)).messages[-1]
    media = message.parts[0].media
    assert media is not None
    assert media.stored is not None
    assert (media.stored.filename, media.stored.mime_type) == ("words.txt", "text/plain")
    assert media.stored.key == part["media"]["ref"].removeprefix("file:")
    # Nobody waits for the delivery of what is stored.
    assert (message.by, message.author) == ("user", "Owner")


async def test_what_a_web_page_does_not_draw_goes_as_words_and_links(
    rest: Rest, thread: UUID
) -> None:
    await post(rest, thread, PLACE, BUTTONS, LINK)
    parts = (await told(rest, thread)).messages[-1].parts
    assert {part.kind for part in parts} == {"text"}
    place, buttons, link = (part.text or "" for part in parts)
    assert place.startswith("Here\nhttps://")
    assert "52.500000,13.400000" in place
    assert "Blue" in buttons
    assert link == "Pay here\n\nPay: https://x.example/pay"


async def test_nothing_is_asked_that_such_a_channel_does_not_do(rest: Rest, thread: UUID) -> None:
    await post(rest, thread, {"type": "text", "text": "hello"})
    await rest.ask("PUT", f"/conversations/{thread}/read", {"up_to_seq": 1})
    await rest.post(f"/conversations/{thread}/typing", {"on": True})
    await rest.post(f"/conversations/{thread}/transition", {"to": "closed"})
    assert {subject for subject, _ in await outbox(rest)} == {
        f"outbound.{TYPE}.send", f"outbound.{TYPE}.action",
    }  # fmt: skip
    answer = await rest.post(
        f"/conversations/{thread}/messages",
        {"parts": [{"type": "template", "name": "x", "language": "en"}]},
    )
    assert (answer.status, answer.json["code"]) == (409, "not_sendable")


@pytest.mark.parametrize(
    ("keys", "characters", "status"), [(24, 2048, 201), (25, 1, 422), (1, 2049, 422)]
)
async def test_what_a_channel_may_be_configured_with(
    rest: Rest, keys: int, characters: int, status: int
) -> None:
    body = {
        "type": TYPE, "account": "configured", "name": "Site", "secret": "s" * 32,
        "config": {f"key_{n}": "v" * characters for n in range(keys)},
    }  # fmt: skip
    answer = await rest.post("/channels", body)
    assert answer.status == status, answer.body
