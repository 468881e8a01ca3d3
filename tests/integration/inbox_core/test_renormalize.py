"""Items nobody understood: kept raw, asked anew after an upgrade, then they are what they are."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bus import cli
from contracts.commands import NormalizeCommand
from contracts.events import (
    Deletion,
    DeletionEvent,
    Edit,
    EditEvent,
    Event,
    Message,
    MessageEvent,
    Unsupported,
    UnsupportedEvent,
)
from contracts.parts import Part
from inbox_core.app.chores_port import Wish
from inbox_core.app.renormalize import PAGE, renormalize
from support.database import Database
from support.events import envelope, message, person
from support.inbox import Inbox
from support.stories import picture, reaction, unsend

KIND = "message.zeppelin"


def planted(name: str = "z.1", phone: str | None = "49151", kind: str = KIND) -> UnsupportedEvent:
    """An item of a kind that nobody knows yet."""
    return UnsupportedEvent(
        **envelope(f"whatsapp:{kind}:{name}"),
        data=Unsupported(
            kind=kind,
            raw='{"type":"zeppelin"}',
            beside='{"entry_time":1}',
            external_id=name,
            contact=person(phone) if phone else None,
        ),
    )


async def ask(inbox: Inbox, kind: str = KIND, **wish: Any) -> list[NormalizeCommand]:
    """What `sluice renormalize` puts to the adapters."""
    await inbox.forget_outbox()
    asked = await renormalize(inbox.worker, Wish(kind, **wish), inbox.now)
    commands = [NormalizeCommand.model_validate(row) for row in await inbox.commands()]
    assert asked == len(commands)
    return commands


def answer(command: NormalizeCommand, event_type: type[Any], data: Any, normalizer: int = 2) -> Any:
    """What an adapter of the next release answers: the same id, a higher normalizer."""
    around = {**envelope(command.data.event_id), "normalizer": normalizer, "renormalized": True}
    return event_type(**around, data=data)


def understood(command: NormalizeCommand, *parts: Part, **fields: Any) -> Event:
    shown = parts or (Part(kind="text", text="a zeppelin"),)
    name = command.data.event_id.rsplit(":", 1)[1]
    data = Message(external_id=name, contact=person("49151"), parts=shown, **fields)
    event: Event = answer(command, MessageEvent, data)
    return event


async def test_a_planted_kind_becomes_what_it_is_in_its_place(inbox: Inbox) -> None:
    thumb = reaction("z.1", "49151", "👍", inbox.now)
    await inbox.receive(message("in.1", "49151"), planted(), thumb)
    before = (await inbox.messages())[1]
    [command] = await ask(inbox)
    assert (command.data.raw, command.data.beside) == ('{"type":"zeppelin"}', '{"entry_time":1}')
    await inbox.forget_outbox()
    received = await inbox.receive(understood(command, picture(), reply_to="in.1"))
    assert received.outcomes == {"renormalized_message": 1}
    _, after = await inbox.messages()
    assert (after["id"], after["seq"], after["kind"]) == (before["id"], before["seq"], "message")
    assert (after["version"], after["reply_to"]) == (before["version"] + 1, "in.1")
    assert "👍" in after["reactions"]
    assert await inbox.rows("unsupported_items") == []
    [row] = await inbox.conversations()
    assert (row["unread_count"], row["last_preview"]) == (2, "look")
    types = [change["type"] for change in await inbox.changes()]
    assert types == ["message.edited", "conversation.row_changed"]
    assert [command["type"] for command in await inbox.commands()] == ["sluice.media.v1"]


async def test_a_repeated_answer_changes_nothing(inbox: Inbox) -> None:
    await inbox.receive(planted())
    [command] = await ask(inbox)
    await inbox.receive(understood(command))
    before = await inbox.messages()
    assert (await inbox.receive(understood(command))).outcomes == {"message_repeated": 1}
    await inbox.receive(planted())
    assert await inbox.messages() == before


async def test_what_is_no_message_takes_the_row_away(inbox: Inbox) -> None:
    await inbox.receive(message("in.1", "49151"), planted())
    [command] = await ask(inbox)
    data = Edit(external_id="in.1", parts=(Part(kind="text", text="better"),))
    await inbox.receive(answer(command, EditEvent, data))
    edited, hidden = await inbox.messages()
    assert "better" in edited["parts"]
    assert (hidden["hidden"], hidden["parts"]) == (True, "[]")
    [row] = await inbox.conversations()
    assert (row["unread_count"], row["last_preview"]) == (1, "better")
    assert await inbox.rows("unsupported_items") == []


async def test_what_became_a_notice_is_not_unread(inbox: Inbox) -> None:
    await inbox.receive(message("in.1", "49151"), planted())
    [command] = await ask(inbox)
    await inbox.receive(understood(command, Part(kind="notice", text="x"), notice=True))
    [row] = await inbox.conversations()
    assert (row["unread_count"], row["last_preview"]) == (1, "hello")


async def test_an_item_without_a_person_arrives_as_a_message_does(inbox: Inbox) -> None:
    await inbox.receive(planted(phone=None))
    [command] = await ask(inbox)
    received = await inbox.receive(understood(command))
    assert received.outcomes == {"renormalized": 1}
    [row] = await inbox.conversations()
    assert row["unread_count"] == 1


async def test_an_unsent_item_stays_unsent(inbox: Inbox) -> None:
    await inbox.receive(planted(), unsend("z.1", inbox.now))
    [command] = await ask(inbox)
    await inbox.receive(understood(command, picture()))
    [row] = await inbox.messages()
    assert row["parts"] == "[]"


async def test_still_unsupported_raises_the_number_and_an_older_one_nothing(inbox: Inbox) -> None:
    await inbox.receive(planted())
    [command] = await ask(inbox)
    still = Unsupported(kind=KIND, raw="{}", external_id="z.1", contact=person("49151"))
    await inbox.receive(answer(command, UnsupportedEvent, still, normalizer=3))
    [item] = await inbox.rows("unsupported_items")
    assert (item["normalizer"], item["raw"]) == (3, '{"type":"zeppelin"}')
    assert (await inbox.receive(understood(command))).outcomes == {"renormalized_by_an_older": 1}
    [row] = await inbox.messages()
    assert row["kind"] == "unsupported"


async def test_a_raw_item_of_a_known_message_is_kept_too(inbox: Inbox) -> None:
    """A later normalizer may see in it what happened to that message."""
    await inbox.receive(message("in.1", "49151"), planted("in.1"))
    assert len(await inbox.messages()) == 1
    [command] = await ask(inbox)
    gone = answer(command, DeletionEvent, Deletion(external_id="in.1"))
    await inbox.receive(gone)
    [row] = await inbox.messages()
    assert row["deleted_at"] is not None


async def test_only_what_was_wished_is_asked(inbox: Inbox) -> None:
    start = inbox.now
    for day, kind in enumerate(("message.zeppelin", "message.kite", "status.new")):
        with inbox.at(start + timedelta(days=day)):
            await inbox.receive(planted(f"z.{day}", kind=kind))
    assert len(await ask(inbox, "message.zeppelin")) == 1
    assert len(await ask(inbox, "message.*")) == 2
    assert len(await ask(inbox, "*")) == 3
    assert len(await ask(inbox, "*", since=start + timedelta(hours=1))) == 2
    assert await ask(inbox, "*", channel_type="other") == []
    assert await ask(inbox, "message") == []
    assert await renormalize(inbox.worker, Wish("*"), start, dry_run=True) == 3


async def test_everything_is_asked_page_by_page(inbox: Inbox) -> None:
    with inbox.at(datetime.now(UTC)):
        await inbox.receive(*(planted(f"z.{n}", None) for n in range(PAGE + 1)))
    commands = await ask(inbox)
    assert len({command.data.event_id for command in commands}) == PAGE + 1


async def test_the_command_line_says_how_many(
    inbox: Inbox,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await inbox.receive(planted())
    monkeypatch.setenv("SLUICE_POSTGRES_WORKER_URL", database.worker_url)
    options = cli.build_parser().parse_args(["renormalize", "--kind", "message.*", "--dry-run"])
    assert await options.alone(options) == 0
    assert capsys.readouterr().out == "would ask about 1 items\n"
    with pytest.raises(SystemExit):
        cli.build_parser().parse_args(["renormalize", "--kind", "x", "--since", "yesterday"])
