"""Messages: the thread of a conversation, replies, and another attempt."""

from inbox_core.app.plan import new_id
from inbox_core.app.reply import reply, retry
from inbox_core.app.views import MessageView
from inbox_core.domain.errors import NotRetryable, NotSendable
from inbox_core.entrypoints.http.cursors import Scope
from inbox_core.entrypoints.http.models import PageBody, ReplyBody, ThreadQuery
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
    client_msg_id = body.client_msg_id or str(new_id())
    key = call.key("conversation_id")
    try:
        message, new = await reply(
            backend.store, key, body.text, client_msg_id, call.caller.actor, backend.clock()
        )
    except NotSendable as error:
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
