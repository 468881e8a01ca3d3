"""Domain objects as columns: what writing.py hands to `unnest`, one table a statement."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from inbox_core.adapters.postgres.values import Json, text
from inbox_core.domain.conversation import Conversation
from inbox_core.domain.delivery import Delivery
from inbox_core.domain.files import File
from inbox_core.domain.identity import Contact, Identity
from inbox_core.domain.message import Message
from inbox_core.domain.references import Reference
from inbox_core.domain.source import SealedIp, Source

Row = TypeVar("Row")
Columns = dict[str, Callable[[Row], Any]]


def table(rows: Iterable[Row], columns: Columns[Row]) -> dict[str, list[Any]]:
    """Rows as one list a column, the shape unnest takes."""
    kept = list(rows)
    return {name: [value(row) for row in kept] for name, value in columns.items()}


CONVERSATION_NEW: Columns[Conversation] = {
    "workspaces": lambda c: c.workspace_id,
    "ids": lambda c: c.id,
    "channels": lambda c: c.channel_id,
    "identities": lambda c: c.identity_id,
    "contacts": lambda c: c.contact_id,
    "kinds": lambda c: c.kind,
    "statuses": lambda c: int(c.status),
    "handlers": lambda c: c.handler,
    "unread": lambda c: c.unread_count,
    "last_seqs": lambda c: c.last_seq,
    "last_inbound": lambda c: c.last_inbound_seq,
    "last_at": lambda c: c.last_message_at,
    "previews": lambda c: text(c.last_preview),
    "authors": lambda c: c.last_author,
    "owners": lambda c: text(c.thread_owner),
    "owned": lambda c: c.thread_owner_at,
    "closed_at": lambda c: c.closed_at,
    "closed_by": lambda c: c.closed_by,
    "created": lambda c: c.created_at,
}
CONVERSATION: Columns[Conversation] = {
    "workspaces": lambda c: c.workspace_id,
    "ids": lambda c: c.id,
    "statuses": lambda c: int(c.status),
    "pending": lambda c: c.pending_reason,
    "handlers": lambda c: c.handler,
    "epochs": lambda c: c.handler_epoch,
    "assignees": lambda c: c.assignee_id,
    "unread": lambda c: c.unread_count,
    "read_seqs": lambda c: c.read_seq,
    "last_seqs": lambda c: c.last_seq,
    "last_inbound": lambda c: c.last_inbound_seq,
    "last_at": lambda c: c.last_message_at,
    "previews": lambda c: text(c.last_preview),
    "authors": lambda c: c.last_author,
    "closed_at": lambda c: c.closed_at,
    "closed_by": lambda c: c.closed_by,
    "close_epochs": lambda c: c.close_epoch,
    "ai_from": lambda c: c.ai_context_from_seq,
    "owners": lambda c: text(c.thread_owner),
    "owned": lambda c: c.thread_owner_at,
    "scores": lambda c: c.csat_customer,
    "comments": lambda c: text(c.csat_customer_comment),
    "rated": lambda c: c.csat_customer_at,
    "versions": lambda c: c.version,
}
MESSAGE_NEW: Columns[Message] = {
    "workspaces": lambda m: m.workspace_id,
    "conversations": lambda m: m.conversation_id,
    "seqs": lambda m: m.seq,
    "ids": lambda m: m.id,
    "channels": lambda m: m.channel_id,
    "directions": lambda m: m.direction,
    "kinds": lambda m: m.kind,
    "author_types": lambda m: m.author_type,
    "authors": lambda m: m.author_id,
    "names": lambda m: text(m.author_name),
    "parts": lambda m: Json(m.parts),
    "clients": lambda m: m.client_msg_id,
    "replies": lambda m: text(m.reply_to),
    "forwarded": lambda m: m.forwarded,
    "referrals": lambda m: m.referral,
    "reactions": lambda m: m.reactions,
    "edited": lambda m: m.edited_at,
    "deleted": lambda m: m.deleted_at,
    "sent": lambda m: m.sent_at,
    "created": lambda m: m.created_at,
    "quiet": lambda m: m.quiet,
    "hidden": lambda m: m.hidden,
    "blocked": lambda m: m.blocked,
}
MESSAGE: Columns[Message] = {
    "workspaces": lambda m: m.workspace_id,
    "ids": lambda m: m.id,
    "kinds": lambda m: m.kind,
    "parts": lambda m: Json(m.parts),
    "replies": lambda m: text(m.reply_to),
    "forwarded": lambda m: m.forwarded,
    "referrals": lambda m: m.referral,
    "reactions": lambda m: m.reactions,
    "edited": lambda m: m.edited_at,
    "deleted": lambda m: m.deleted_at,
    "quiet": lambda m: m.quiet,
    "hidden": lambda m: m.hidden,
    "versions": lambda m: m.version,
}
DELIVERY: Columns[Delivery] = {
    "workspaces": lambda d: d.workspace_id,
    "messages": lambda d: d.message_id,
    "parts": lambda d: d.part,
    "attempts": lambda d: d.attempt,
    "ranks": lambda d: int(d.rank),
    "implied": lambda d: int(d.implied),
    "shown": lambda d: int(d.shown),
    "stages": lambda d: int(d.stage),
    "problems": lambda d: d.problem,
    "dispatched": lambda d: d.dispatched_at,
    "changed": lambda d: d.changed_at,
}
DELIVERY_NEW: Columns[Delivery] = {
    **DELIVERY,
    "conversations": lambda d: d.conversation_id,
    "channels": lambda d: d.channel_id,
    "seqs": lambda d: d.seq,
    "priorities": lambda d: int(d.priority),
    "queued": lambda d: d.queued_at,
}


REFERENCE: Columns[Reference] = {
    "workspaces": lambda r: r.key.workspace_id,
    "channels": lambda r: r.key.channel_id,
    "providers": lambda r: r.key.provider_id,
    "messages": lambda r: r.message_id,
    "attempts": lambda r: r.attempt,
    "parts": lambda r: r.part,
    "held": lambda r: r.held,
    "echoes": lambda r: r.echo_until,
}
CONTACT_NEW: Columns[Contact] = {
    "workspaces": lambda c: c.workspace_id,
    "ids": lambda c: c.id,
    "externals": lambda c: text(c.external_id),
    "names": lambda c: text(c.name),
    "name_sources": lambda c: c.name_source,
    "usernames": lambda c: text(c.username),
    "phones": lambda c: text(c.phone),
    "emails": lambda c: text(c.email),
    "proven": lambda c: c.email_proven,
    "leads": lambda c: c.lead_status,
    "avatars": lambda c: c.avatar_file_id,
}
CONTACT: Columns[Contact] = {
    **CONTACT_NEW,
    "blocked": lambda c: c.blocked_at,
    "versions": lambda c: c.version,
}
IDENTITY: Columns[Identity] = {
    "workspaces": lambda i: i.workspace_id,
    "ids": lambda i: i.id,
    "inbound": lambda i: i.last_inbound_at,
    "ads": lambda i: i.ad_inbound_at,
    "profiles": lambda i: i.profile_at,
    "profile_states": lambda i: i.profile_state,
}
IDENTITY_NEW: Columns[Identity] = {
    **IDENTITY,
    "channels": lambda i: i.channel_id,
    "contacts": lambda i: i.contact_id,
}
FILE: Columns[File] = {
    "workspaces": lambda f: f.workspace_id,
    "ids": lambda f: f.id,
    "keys": lambda f: f.key,
    "purposes": lambda f: f.purpose,
    "mime_types": lambda f: f.mime_type,
    "sizes": lambda f: f.size,
    "hashes": lambda f: f.sha256,
    "filenames": lambda f: text(f.filename),
    "creators": lambda f: f.created_by,
    "created": lambda f: f.created_at,
    "purges": lambda f: f.purge_at,
}
SOURCE: Columns[Source] = {
    "workspaces": lambda s: s.workspace_id,
    "conversations": lambda s: s.conversation_id,
    "pages": lambda s: text(s.page_url),
    "titles": lambda s: text(s.page_title),
    "referrers": lambda s: text(s.referrer),
    "utms": lambda s: s.utm,
    "languages": lambda s: text(s.language),
    "zones": lambda s: text(s.time_zone),
    "screens": lambda s: text(s.screen),
    "agents": lambda s: text(s.user_agent),
    "ips": lambda s: s.ip,
}
SEALED_IP: Columns[SealedIp] = {
    "workspaces": lambda i: i.workspace_id,
    "ids": lambda i: i.id,
    "conversations": lambda i: i.conversation_id,
    "sealed": lambda i: i.sealed,
    "ats": lambda i: i.at,
}
