"""Contacts: whom nobody wants to hear any more."""

from inbox_core.app.blocking import set_blocked
from inbox_core.domain.errors import VersionMismatch
from inbox_core.entrypoints.http.problems import Refused
from inbox_core.entrypoints.http.route import Answer, Backend, Call


async def block(backend: Backend, call: Call) -> Answer:
    """What they write from now on is kept, and wakes nobody."""
    return await _set(backend, call, blocked=True)


async def unblock(backend: Backend, call: Call) -> Answer:
    return await _set(backend, call, blocked=False)


async def _set(backend: Backend, call: Call, *, blocked: bool) -> Answer:
    key = call.key("contact_id")
    try:
        contact = await set_blocked(
            backend.store,
            key,
            call.caller.actor,
            backend.clock(),
            call.version,
            blocked=blocked,
        )
    except VersionMismatch as error:
        raise Refused(error, await backend.reading.contact(key)) from None
    return Answer(contact, version=contact.version)
