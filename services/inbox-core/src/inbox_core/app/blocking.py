"""Blocking: what a contact writes from now on wakes nobody, and nobody answers them.

Their messages are still kept and shown, marked (app.arrivals, app.filing); a channel that shows
people their own threads is told, so that it turns them away. Called by the API's handlers.
"""

from datetime import datetime

from inbox_core.app.plan import AuditEntry, Plan
from inbox_core.app.ports import Key, Store
from inbox_core.app.threads import commit, lock_threads
from inbox_core.app.views import ContactView, contact_view
from inbox_core.domain.actors import Actor
from inbox_core.domain.errors import NotFound, VersionMismatch


async def set_blocked(
    store: Store,
    key: Key,
    actor: Actor,
    now: datetime,
    expected_version: int | None = None,
    *,
    blocked: bool,
) -> ContactView:
    """The contact, blocked or not any more; the same again changes nothing.

    Raises NotFound, and VersionMismatch when the contact is no longer at `expected_version`.
    """
    async with store.begin(key[0]) as uow:
        contact = (await uow.lock_contacts([key])).get(key[1])
        if contact is None:
            raise NotFound("There is no such contact.")
        if expected_version not in (None, contact.version):
            raise VersionMismatch("The contact has changed meanwhile.")
        if contact.blocked == blocked:
            return contact_view(contact)
        world = await lock_threads(uow, await uow.live_conversations(key))
        world.contacts[contact.id] = contact
        plan = Plan(now, actor)
        contact.blocked_at = now if blocked else None
        plan.touch_contact(contact)
        plan.refreshed.update(world.conversations)
        action = "contact.blocked" if blocked else "contact.unblocked"
        plan.audit.append(AuditEntry(key[0], actor, action, "contact", str(key[1])))
        await commit(uow, plan, world)
        return contact_view(contact)
