"""Conversations: the list, the badges, one of them, its read mark and its status."""

from inbox_core.app.access import Permission
from inbox_core.app.actions import tell_typing
from inbox_core.app.read import mark_read as read_up_to
from inbox_core.app.read import mark_unread as unread_again
from inbox_core.app.reading import Filter
from inbox_core.app.transition import transition as move
from inbox_core.app.views import ConversationView
from inbox_core.domain.errors import InvalidTransition, LiveConversation, VersionMismatch
from inbox_core.domain.status import Status
from inbox_core.entrypoints.http.cursors import Scope, Side, place_of
from inbox_core.entrypoints.http.models import (
    Counts,
    ListQuery,
    PageBody,
    ReadBody,
    TransitionBody,
    TypingBody,
)
from inbox_core.entrypoints.http.problems import Refused
from inbox_core.entrypoints.http.route import Answer, Backend, Call


async def list_conversations(backend: Backend, call: Call) -> Answer:
    """A page, newest first. Rows that move while somebody pages are never skipped for others."""
    query: ListQuery = call.query
    reader = call.caller.user_id
    wanted = Filter(query.view, reader, query.include_archived, query.channel_id)
    scope = Scope(
        backend.signer,
        (
            "conversations",
            str(call.workspace),
            str(reader),
            wanted.view,
            str(wanted.include_archived),
            str(wanted.channel_id),
        ),
    )
    before = after = None
    if query.cursor is not None:
        side, position = scope.read(query.cursor)
        place = place_of(position)
        before, after = (place, None) if side == "before" else (None, place)
    page = await backend.reading.conversations(
        call.workspace, wanted, query.limit, before=before, after=after
    )
    rows = list(page.items)
    return Answer(
        PageBody[ConversationView](
            items=rows,
            next_cursor=_cursor(scope, "before", rows[-1]) if page.older and rows else None,
            prev_cursor=_cursor(scope, "after", rows[0]) if page.newer and rows else None,
        )
    )


async def count_conversations(backend: Backend, call: Call) -> Answer:
    counted = await backend.reading.counts(call.workspace, call.caller.user_id)
    return Answer(Counts(**counted))


async def get_conversation(backend: Backend, call: Call) -> Answer:
    row = await backend.reading.detail(call.key("conversation_id"))
    return Answer(row, version=row.version)


async def mark_read(backend: Backend, call: Call) -> Answer:
    body: ReadBody = call.body
    row = await read_up_to(
        backend.store,
        call.key("conversation_id"),
        body.up_to_seq,
        call.caller.actor,
        backend.clock(),
        told=call.caller.may(call.workspace, Permission.ANSWER),
    )
    return Answer(row, version=row.version)


async def mark_unread(backend: Backend, call: Call) -> Answer:
    row = await unread_again(
        backend.store, call.key("conversation_id"), call.caller.actor, backend.clock()
    )
    return Answer(row, version=row.version)


async def transition(backend: Backend, call: Call) -> Answer:
    """Open, pending, closed, archived; a refusal carries the conversation as it is."""
    body: TransitionBody = call.body
    key = call.key("conversation_id")
    try:
        row = await move(
            backend.store,
            key,
            Status[body.to.upper()],
            body.reason,
            call.caller.actor,
            backend.clock(),
            call.version,
        )
    except (InvalidTransition, LiveConversation, VersionMismatch) as error:
        raise Refused(error, await backend.reading.conversation(key)) from None
    return Answer(row, version=row.version)


async def typing(backend: Backend, call: Call) -> Answer:
    """Whether somebody writes, for the customer to see."""
    body: TypingBody = call.body
    await tell_typing(
        backend.store,
        backend.limiter,
        call.key("conversation_id"),
        call.caller.actor,
        backend.clock(),
        on=body.on,
    )
    return Answer(None, status=204)


def _cursor(scope: Scope, side: Side, row: ConversationView) -> str:
    return scope.write(side, row.last_message_at.isoformat(), str(row.id))
