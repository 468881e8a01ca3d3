"""WhatsApp's table of kinds: one function makes an event of one kind of item.

What stands in TABLE is understood; the rest is kept raw (adapter.items). Used by adapter.bodies
and, for what was kept raw before an upgrade, by adapter.renormalize.
"""

from collections.abc import Mapping
from contextlib import suppress

from adapter.fields import Malformed, Wire, identifier, mapping, raw
from adapter.items import Item, Kinds, Make
from contracts.ids import event_id, item_id
from ingest_whatsapp.normalize import amendments, calls, directory, history, lanes, people, statuses
from ingest_whatsapp.normalize.accounts import news
from ingest_whatsapp.normalize.content import CONTENT, welcome
from ingest_whatsapp.normalize.control import handover
from ingest_whatsapp.normalize.lanes import LANES, act, contacts_of, message, notice
from ingest_whatsapp.normalize.system import system_message
from ingest_whatsapp.payloads import CHANNEL

VERSION = 2
"""Raised whenever this table understands more; inbox-core then replaces unsupported rows."""


TABLE: Mapping[str, Make] = {
    # What people write, in every lane it comes in.
    **{
        f"{lane}.{kind}": message(where, content)
        for lane, where in LANES.items()
        for kind, content in CONTENT.items()
    },
    **{f"{lane}.request_welcome": notice(where, welcome) for lane, where in LANES.items()},
    **{f"{lane}.reaction": act(where, amendments.reaction) for lane, where in LANES.items()},
    **{f"{lane}.edit": act(where, amendments.edit) for lane, where in LANES.items()},
    **{f"{lane}.revoke": act(where, amendments.revoke) for lane, where in LANES.items()},
    "message.system": system_message,
    "standby.message.system": system_message,
    # From before the channel was connected.
    "history.media_placeholder": message(lanes.history, history.media_placeholder),
    "history.unsupported": message(lanes.history, history.unreadable),
    **{f"history_media.{kind}": history.past_file for kind in CONTENT},
    "history": history.progress,
    "history_error": news("history_error"),
    # What became of what we sent.
    **{
        f"{lane}.{status}": statuses.delivery
        for lane in ("status", "standby.status")
        for status in ("sent", "delivered", "read", "played", "failed")
    },
    "status.deleted": statuses.deleted,
    "standby.status.deleted": statuses.deleted,
    "status.warning": news("status.warning"),
    "payment_status": news("payment_status", "status"),
    # Calls.
    "call": calls.call,
    "call_status": calls.call_status,
    # People.
    "app_state": directory.address_book,
    "preference": directory.preference,
    "user_id_update": directory.new_user_id,
    "handover": handover,
    "messaging_handovers": handover,
    # The account.
    "error": news("error"),
    **{
        kind: news(kind)
        for kind in (
            "account_alerts",
            "account_review_update",
            "account_settings_update",
            "account_update",
            "business_capability_update",
            "business_status_update",
            "business_username_updates",
            "flows",
            "message_template_components_update",
            "message_template_quality_update",
            "message_template_status_update",
            "partner_solutions",
            "payment_configuration_update",
            "phone_number_name_update",
            "phone_number_quality_update",
            "security",
            "template_category_update",
            "template_correct_category_detection",
        )
    },
    "automatic_events": news("automatic_events", "event_name"),
    "automatic_event": news("automatic_events", "event_name"),
    "group_lifecycle": news("group_lifecycle_update", "type"),
    "group_participants": news("group_participants_update", "type"),
    "group_settings": news("group_settings_update", "type"),
    "group_status": news("group_status_update", "type"),
}

MESSAGES = tuple(f"{lane}." for lane in LANES)
"""Kinds whose `id` names a message for ever, whatever is made of it."""
STATUSES = ("status.", "standby.status.")
PAST = "history."
"""Kinds that wake nobody: what cannot be read of them is not shown in a conversation."""
PAST_FILES = "history_media."
CALL = "call"


def name_of(item: Item, account: str) -> str:
    """The same fact has the same id, however it arrives and whatever is made of it.

    A message is its id, a status its message's id and the status, in a group the participant too.
    The rest is a hash of the item, and of the entry's time, without which next month's restriction
    of the account would be a repeat of this month's.
    """
    body = mapping(item.body)
    external_id = identifier(body.get("id"))
    if external_id and item.kind.startswith(MESSAGES):
        return event_id(CHANNEL, account, "message", external_id)
    if external_id and item.kind.startswith(STATUSES):
        status = item.kind.rpartition(".")[2]
        participant = people.participant(body)
        state = f"{status}:{participant}" if participant else status
        return event_id(CHANNEL, account, "status", external_id, state)
    if external_id and item.kind.startswith(PAST_FILES):
        return event_id(CHANNEL, account, "history_media", external_id)
    return item_id(CHANNEL, account, item.kind, raw([item.body, item.entry_time]))


def described(item: Item) -> Wire:
    """What an unsupported event may say of its item: whose it is, in which thread, which way."""
    said = Wire()
    if isinstance(item.body, dict) and item.kind == CALL:
        direction = calls.direction_of(item)
        with suppress(Malformed):
            rows = calls.other_side(direction)
            said["contact"] = people.person(item.body, rows, contacts_of(item))
        return said | ({"direction": direction} if direction != "inbound" else {})
    if not isinstance(item.body, dict) or not item.kind.startswith(MESSAGES):
        return said
    lane = LANES[next(name for name in LANES if item.kind.startswith(f"{name}."))](item)
    if external_id := identifier(item.body.get("id")):
        said["external_id"] = external_id
    if not item.kind.startswith(PAST):
        with suppress(Malformed):
            said["contact"] = lane.contact(item)
    if lane.direction != "inbound":
        said["direction"] = lane.direction
    if group_id := identifier(lanes.said(item.body).get("group_id")):
        said["group_id"] = group_id
    return said


def kept(item: Item) -> Wire | None:
    """Of what stands around an item: the number it came to, its thread, the contacts it names."""
    beside = mapping(item.beside)
    found: Wire = {key: beside[key] for key in ("metadata", "thread") if beside.get(key)}
    if entries := people.entries_of(mapping(item.body), contacts_of(item)):
        found["contacts"] = entries
    return found or None


KINDS = Kinds(CHANNEL, VERSION, TABLE, name_of, described, kept)
