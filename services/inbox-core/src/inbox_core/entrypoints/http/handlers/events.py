"""What sockets are told, for whoever can open none: a long poll over the same log."""

from inbox_core.entrypoints.http.models import EventsQuery
from inbox_core.entrypoints.http.route import Answer, Backend, Call


async def poll_events(backend: Backend, call: Call) -> Answer:
    query: EventsQuery = call.query
    return Answer(await backend.events.events(call.workspace, query.cursor, query.wait))
