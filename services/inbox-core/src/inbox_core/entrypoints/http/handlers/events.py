"""What sockets are told, for whoever can open none: a long poll over the same log."""

from uuid import UUID

from inbox_core.app.access import Permission, Principal
from inbox_core.entrypoints.http.models import EventsQuery
from inbox_core.entrypoints.http.route import Answer, Backend, Call


async def poll_events(backend: Backend, call: Call) -> Answer:
    query: EventsQuery = call.query
    person = call.caller.actor.id if _answers(call.caller, call.workspace) else None
    page = await backend.events.events(call.workspace, query.cursor, query.wait, person)
    return Answer(page)


def _answers(caller: Principal, workspace: UUID) -> bool:
    """As `Seat.answers` for sockets."""
    return caller.session_ends is not None and caller.may(workspace, Permission.ANSWER)
