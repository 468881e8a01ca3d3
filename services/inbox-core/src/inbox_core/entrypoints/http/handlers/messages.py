"""Messages: the thread of a conversation, replies, and another attempt."""

from inbox_core.app.actions import react
from inbox_core.app.plan import new_id
from inbox_core.app.reply import Answer as Outgoing
from inbox_core.app.reply import reply
from inbox_core.app.retry import retry
from inbox_core.app.views import MessageView
from inbox_core.domain.errors import NotRetryable, NotSendable, NotSupported, WindowClosed
from inbox_core.entrypoints.http.cursors import Scope
from inbox_core.entrypoints.http.models import PageBody, ReactionBody, ReplyBody, ThreadQuery
from inbox_core.entrypoints.http.problems import Refused
from inbox_core.entrypoints.http.route import Answer, Backend, Call


async def list_messages(backend: Backend, call: Call) -> Answer:
    """A page by descending `seq`, the order of arrival; screens show (sent_at, seq)."""
    query: ThreadQuery = call.query
    key = call.key("conversation_id")
    scope = Scope(backend.signer, ("messages", str(key[0]), str(key[1])))
    before, after = query.before_seq, query.after_seq
    if query.cursor is not None:
        side, [seq] = scope.read(query.cursor)
        before, after = (seq, None) if side == "before" else (None, seq)
    page = await backend.reading.messages(key, query.limit, before=before, after=after)
    rows = list(page.items)
    return Answer(
        PageBody[MessageView](
            items=rows,
            next_cursor=scope.write("before", rows[-1].seq) if page.older and rows else None,
            prev_cursor=scope.write("after", rows[0].seq) if page.newer and rows else None,
        )
    )


async def send_message(backend: Backend, call: Call) -> Answer:
    """201 for a new message, 200 for the one a repeated `client_msg_id` made before."""
    body: ReplyBody = call.body
    wanted = Outgoing(body.drafts, body.client_msg_id or str(new_id()), body.reply_to)
    key = call.key("conversation_id")
    try:
        message, new = await reply(backend.store, key, wanted, call.caller.actor, backend.clock())
    except NotSendable as error:
        if body.text is not None and (error.pointer or "").startswith("/parts"):
            error.pointer = "/text"
        raise Refused(error, await backend.reading.conversation(key)) from None
    return Answer(message, status=201 if new else 200)


async def retry_message(backend: Backend, call: Call) -> Answer:
    """A new attempt of what failed or is uncertain."""
    key = call.key("conversation_id")
    try:
        message = await retry(
            backend.store, key, call.ids["message_id"], call.caller.actor, backend.clock()
        )
    except (NotSendable, NotRetryable) as error:
        raise Refused(error, await backend.reading.conversation(key)) from None
    return Answer(message, status=202)


async def set_reaction(backend: Backend, call: Call) -> Answer:
    body: ReactionBody = call.body
    return await _react(backend, call, body.emoji)


async def remove_reaction(backend: Backend, call: Call) -> Answer:
    return await _react(backend, call, None)


async def _react(backend: Backend, call: Call, emoji: str | None) -> Answer:
    key = call.key("conversation_id")
    try:
        message = await react(
            backend.store, key, call.ids["message_id"], emoji, call.caller.actor, backend.clock()
        )
    except (NotSupported, WindowClosed) as error:
        raise Refused(error, await backend.reading.conversation(key)) from None
    return Answer(message)
