"""A message of several parts: one provider call each, in order, while the window is open."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.capabilities import TextLimit
from contracts.events import SendResult, SendResultEvent
from inbox_core.app.drafts import AnyDraft, TemplateDraft, TextDraft
from inbox_core.app.reply import Answer, reply
from inbox_core.app.retry import retry
from inbox_core.app.sweep import sweep
from inbox_core.app.views import MessageView
from inbox_core.domain.errors import WindowClosed
from support.capable import capable
from support.events import envelope, message, result
from support.inbox import ANA, Inbox

SHORT = TextLimit(max=12)
TEMPLATE = TemplateDraft(type="template", name="hello", language="de")


def words(text: str) -> TextDraft:
    return TextDraft(type="text", text=text)


async def thread_with(inbox: Inbox, **can: Any) -> UUID:
    """A conversation on a channel that can what is said here."""
    inbox.book.note(capable(profiles=False, **can))
    await inbox.receive(message("wamid.1", "49151"))
    found: UUID = (await inbox.conversations())[0]["id"]
    await inbox.forget_outbox()
    return found


async def send(inbox: Inbox, thread: UUID, *drafts: AnyDraft) -> MessageView:
    key = (inbox.workspace_id, thread)
    view, _ = await reply(inbox.api, key, Answer(drafts, uuid4().hex), ANA, inbox.now)
    return view


async def sent(inbox: Inbox) -> list[Any]:
    return [command["data"]["part"].get("text") for command in await inbox.commands()]


def settled(message_id: UUID, part: int) -> SendResultEvent:
    return SendResultEvent(
        **envelope(f"result:{message_id}:{part}"),
        data=SendResult(
            command_id=f"{message_id}.1.{part}", outcome="sent", external_id=f"wamid.{part}"
        ),
    )


async def test_a_long_text_goes_in_pieces_one_after_the_other(inbox: Inbox) -> None:
    thread = await thread_with(inbox, text=SHORT)
    view = await send(inbox, thread, words("First words.\n\nSecond one.\n\nThird"))
    later = await send(inbox, thread, words("Later"))
    assert [part.text for part in view.parts] == ["First words.", "Second one.", "Third"]
    assert await sent(inbox) == ["First words."]
    for number in range(3):
        await inbox.receive(settled(view.id, number))
    assert await sent(inbox) == ["First words.", "Second one.", "Third", "Later"]
    await inbox.receive(settled(later.id, 0))
    assert [row["rank"] for row in await inbox.rows("deliveries", "seq, part")] == [3, 3, 3, 3]


async def test_a_piece_that_failed_is_sent_again_alone(inbox: Inbox) -> None:
    thread = await thread_with(inbox, text=SHORT)
    view = await send(inbox, thread, words("First words.\n\nSecond one."))
    await inbox.receive(result(view.id, "failed"))
    await inbox.receive(settled(view.id, 1))
    again = await retry(inbox.api, (inbox.workspace_id, thread), view.id, ANA, inbox.now)
    assert again.delivery is not None
    ids = [command["id"].removeprefix(f"{view.id}.") for command in await inbox.commands()]
    assert ids == ["1.0", "1.1", "2.0"]


async def test_a_quotation_goes_with_the_first_piece_only(inbox: Inbox) -> None:
    thread = await thread_with(inbox, text=SHORT)
    [quoted] = await inbox.messages()
    answer = Answer((words("First words.\n\nSecond one."),), "c1", quoted["id"])
    view, _ = await reply(inbox.api, (inbox.workspace_id, thread), answer, ANA, inbox.now)
    await inbox.receive(settled(view.id, 0))
    quotes = [command["data"].get("reply_to") for command in await inbox.commands()]
    assert quotes == ["wamid.1", None]


HOURS: list[Any] = [
    # hours since the customer wrote, the draft; what becomes of it, the tag of the command
    (1, words("hi"), "sent", None),
    (30, words("hi"), "sent", "human_agent"),
    (30, TEMPLATE, "sent", "human_agent"),
    (200, words("hi"), "refused", None),
    (200, TEMPLATE, "sent", None),
]


@pytest.mark.parametrize(("hours", "draft", "fate", "tag"), HOURS)
async def test_the_window_decides_before_anything_is_stored(
    inbox: Inbox, hours: int, draft: AnyDraft, fate: str, tag: str | None
) -> None:
    thread = await thread_with(inbox)
    with inbox.at(inbox.now + timedelta(hours=hours)):
        if fate == "refused":
            with pytest.raises(WindowClosed, match="template"):
                await send(inbox, thread, draft)
            assert len(await inbox.messages()) == 1
            return
        await send(inbox, thread, draft)
    [command] = await inbox.commands()
    assert command["data"].get("tag") == tag


async def test_what_waited_until_the_window_closed_fails_without_a_call(inbox: Inbox) -> None:
    thread = await thread_with(inbox, text=SHORT, templates=False)
    first = await send(inbox, thread, words("First"))
    await send(inbox, thread, words("First words.\n\nSecond one."))
    await send(inbox, thread, words("Last"))
    with inbox.at(inbox.now + timedelta(hours=200)):
        await inbox.receive(result(first.id, "sent", "wamid.a"))
        assert await sweep(inbox.worker, inbox.now) == 1
        assert await sweep(inbox.worker, inbox.now) == 0
    assert await sent(inbox) == ["First"]
    rows = await inbox.rows("deliveries", "seq, part")
    assert [(row["rank"], row["stage"]) for row in rows] == [(3, 2), (4, 2), (4, 2), (4, 2)]
    assert all('"window"' in row["problem"] for row in rows[1:])


async def test_a_customer_nobody_knows_the_last_words_of_may_be_answered(inbox: Inbox) -> None:
    thread = await thread_with(inbox)
    await inbox.admin.execute("UPDATE identities SET last_inbound_at = NULL")
    await send(inbox, thread, words("hi"))
    assert await sent(inbox) == ["hi"]
