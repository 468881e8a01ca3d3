"""Profiles: a person's name and picture, looked up where the platform has them.

Asked for when somebody new writes, and again when what we know is old; "there is none" is
remembered too. Called by app.arrivals and app.decide.
"""

from datetime import datetime, timedelta

from contracts import subjects
from contracts.batch import encode, pack
from contracts.commands import FetchProfile, ProfileCommand
from contracts.events import ProfileResultEvent
from contracts.parts import Contact as WireContact
from inbox_core.app.media import discard, keep, trusted
from inbox_core.app.placing import Placed
from inbox_core.app.plan import OutboxRow, Plan, new_id
from inbox_core.app.ports import Channel
from inbox_core.app.world import World
from inbox_core.domain.identity import Identity, ProfileState

ASK_AGAIN: dict[ProfileState, timedelta] = {
    "asked": timedelta(hours=1),
    "known": timedelta(days=7),
    "none": timedelta(hours=24),
    "failed": timedelta(hours=24),
}
"""How old what came of the last question may be."""
USEFUL_FOR = timedelta(hours=1)


def ask_profile(plan: Plan, channel: Channel, identity: Identity, wire: WireContact) -> None:
    """Plan the question, when it is time for one."""
    if not channel.can.profiles or not _is_due(identity, plan.now):
        return
    identity.profile_state, identity.profile_at = "asked", plan.now
    plan.touch_identity(identity)
    command = ProfileCommand(
        id=f"profile:{identity.id}:{int(plan.now.timestamp())}",
        time=plan.now,
        channel=channel.type,
        account=channel.account,
        data=FetchProfile(
            workspace_id=identity.workspace_id,
            channel_id=channel.id,
            identity_id=identity.id,
            aliases=wire.aliases,
            not_after=plan.now + USEFUL_FOR,
        ),
    )
    subject = subjects.outbound(channel.type, "profile")
    plan.outbox.append(OutboxRow(new_id(), channel.workspace_id, subject, pack([encode(command)])))


def take_profile(world: World, plan: Plan, placed: Placed, event: ProfileResultEvent) -> str:
    """What the platform shows. An answer nobody asked for any more changes nothing."""
    data = event.data
    identity = world.identities.get(data.identity_id)
    avatar = trusted(placed.channel, data.avatar, "avatar")
    asked = identity is not None and identity.profile_state == "asked"
    if identity is None or not asked or identity.channel_id != placed.channel.id:
        if avatar is not None:
            discard(plan, placed.channel, avatar, "avatar")
        return "profile_repeated"
    picture = keep(plan, placed.channel, avatar, "avatar") if avatar else None
    identity.profile_at = plan.now
    identity.profile_state = "known" if data.name or data.username or picture else "none"
    if data.problem is not None:
        identity.profile_state = "failed"
    plan.touch_identity(identity)
    contact = world.contacts[identity.contact_id]
    changed = contact.learn(data.name, data.username)
    if picture is not None and picture.id != contact.avatar_file_id:
        if contact.avatar_file_id is not None:
            plan.purged_files.add((contact.workspace_id, contact.avatar_file_id))
        contact.avatar_file_id, changed = picture.id, True
    if changed:
        plan.touch_contact(contact)
    return f"profile_{identity.profile_state}"


def _is_due(identity: Identity, now: datetime) -> bool:
    if identity.profile_state is None or identity.profile_at is None:
        return True
    return now - identity.profile_at >= ASK_AGAIN[identity.profile_state]
