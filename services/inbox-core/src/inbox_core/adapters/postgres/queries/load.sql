-- Load: what a transaction needs, locked in one order. Every statement that locks is sorted by
-- the key it locks. Keys are pairs (workspace_id, id): every index begins with the workspace.
-- Called by unit_of_work.py only.

-- name: channels_by_account(types, accounts)
SELECT c.workspace_id, c.id, c.type, c.account, c.name, c.enabled, c.version
FROM unnest(:types::text[], :accounts::text[]) AS wanted (type, account)
JOIN channels c ON c.type = wanted.type AND c.account = wanted.account;

-- name: channels_by_id(workspaces, ids)
SELECT workspace_id, id, type, account, name, enabled, version
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, id)
JOIN channels USING (workspace_id, id);

-- name: lock_channel(workspace, channel)^
SELECT workspace_id, id, type, account, name, enabled, version FROM channels
WHERE workspace_id = :workspace AND id = :channel FOR NO KEY UPDATE;

-- name: lock_aliases(workspaces, channels, kinds, names, positions, now)
INSERT INTO identity_aliases AS a (workspace_id, channel_id, kind, value, position, seen_at)
SELECT wanted.workspace_id, wanted.channel_id, wanted.kind, wanted.value, wanted.position, :now
FROM unnest(:workspaces::uuid[], :channels::uuid[], :kinds::text[], :names::text[],
            :positions::smallint[]) AS wanted (workspace_id, channel_id, kind, value, position)
ORDER BY wanted.workspace_id, wanted.channel_id, wanted.kind, wanted.value
ON CONFLICT (workspace_id, channel_id, kind, value)
DO UPDATE SET seen_at = excluded.seen_at, position = excluded.position
RETURNING a.workspace_id, a.channel_id, a.kind, a.value, a.identity_id;

-- name: lock_references(workspaces, channels, providers, now)
INSERT INTO external_refs AS r (workspace_id, channel_id, provider_id, seen_at)
SELECT wanted.workspace_id, wanted.channel_id, wanted.provider_id, :now
FROM unnest(:workspaces::uuid[], :channels::uuid[], :providers::text[])
    AS wanted (workspace_id, channel_id, provider_id)
ORDER BY wanted.workspace_id, wanted.channel_id, wanted.provider_id
ON CONFLICT (workspace_id, channel_id, provider_id) DO UPDATE SET seen_at = excluded.seen_at
RETURNING r.workspace_id, r.channel_id, r.provider_id, r.message_id, r.attempt, r.part, r.held;

-- name: lock_identities(workspaces, ids)
SELECT workspace_id, id, channel_id, contact_id FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, id)
JOIN identities AS locked USING (workspace_id, id)
ORDER BY locked.id FOR NO KEY UPDATE OF locked;

-- name: lock_contacts(workspaces, ids)
SELECT workspace_id, id, name, name_source, username, phone, email, blocked_at, version
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, id)
JOIN contacts AS locked USING (workspace_id, id)
ORDER BY locked.id FOR NO KEY UPDATE OF locked;

-- name: contacts(workspaces, ids)
SELECT workspace_id, id, name, name_source, username, phone, email, blocked_at, version
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, id)
JOIN contacts USING (workspace_id, id);

-- name: latest_conversations(workspaces, ids)
SELECT wanted.id AS identity_id, latest.id
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, id)
CROSS JOIN LATERAL (
    SELECT c.id FROM conversations c
    WHERE c.workspace_id = wanted.workspace_id AND c.identity_id = wanted.id
    ORDER BY (c.status IN (0, 1)) DESC, c.last_message_at DESC, c.id DESC LIMIT 1
) AS latest;

-- name: conversations_of(workspaces, ids)
SELECT id, workspace_id, conversation_id
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, id)
JOIN messages USING (workspace_id, id);

-- name: lock_conversations(workspaces, ids)
SELECT workspace_id, id, channel_id, identity_id, contact_id, kind, status, pending_reason, handler,
       handler_epoch, assignee_id, unread_count, read_seq, last_seq, last_inbound_seq,
       last_message_at, last_preview, last_author, closed_at, closed_by, close_epoch,
       ai_context_from_seq, version, created_at
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, id)
JOIN conversations AS locked USING (workspace_id, id)
ORDER BY locked.id FOR NO KEY UPDATE OF locked;

-- name: lock_messages(workspaces, ids)
SELECT workspace_id, conversation_id, seq, id, channel_id, direction, kind, author_type, author_id,
       author_name, parts, client_msg_id, reply_to, forwarded, referral, reactions, edited_at, deleted_at, sent_at,
       created_at, version
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, id)
JOIN messages AS locked USING (workspace_id, id)
ORDER BY locked.id FOR NO KEY UPDATE OF locked;

-- name: message_by_client_msg_id(workspace, conversation, client)^
SELECT workspace_id, conversation_id, seq, id, channel_id, direction, kind, author_type, author_id,
       author_name, parts, client_msg_id, reply_to, forwarded, referral, reactions, edited_at, deleted_at, sent_at,
       created_at, version
FROM messages WHERE workspace_id = :workspace AND conversation_id = :conversation AND client_msg_id = :client;

-- name: unread_after(workspace, conversation, seq)$
SELECT count(*) FROM messages
WHERE workspace_id = :workspace AND conversation_id = :conversation AND seq > :seq AND direction = 'inbound';

-- name: deliveries(workspaces, ids)
SELECT workspace_id, message_id, part, conversation_id, channel_id, seq, attempt, rank, stage, priority, problem,
       queued_at, dispatched_at, changed_at
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, message_id)
JOIN deliveries USING (workspace_id, message_id) ORDER BY message_id, part;

-- name: waiting_heads(workspaces, ids)
SELECT DISTINCT ON (conversation_id) workspace_id, message_id, part
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, conversation_id)
JOIN deliveries USING (workspace_id, conversation_id)
WHERE stage = 0
ORDER BY conversation_id, seq, part;

-- name: outstanding(workspaces, ids)
SELECT conversation_id
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, conversation_id)
JOIN deliveries USING (workspace_id, conversation_id) WHERE stage = 1;

-- The most urgent of each account first, so that one without room does not keep the others waiting.
-- name: stalled(most)
SELECT workspace_id, conversation_id
FROM (
    SELECT waiting.workspace_id, waiting.conversation_id, min(waiting.priority) AS priority,
           min(waiting.queued_at) AS queued_at,
           row_number() OVER (
               PARTITION BY waiting.workspace_id, waiting.channel_id
               ORDER BY min(waiting.priority), min(waiting.queued_at)
           ) AS place
    FROM deliveries waiting
    WHERE waiting.stage = 0 AND NOT EXISTS (
        SELECT FROM deliveries ahead
        WHERE ahead.workspace_id = waiting.workspace_id
          AND ahead.conversation_id = waiting.conversation_id AND ahead.stage = 1
    )
    GROUP BY waiting.workspace_id, waiting.channel_id, waiting.conversation_id
) AS heads
ORDER BY place, priority, queued_at LIMIT :most;

-- name: overdue(before, most)
SELECT workspace_id, conversation_id, message_id FROM deliveries
WHERE stage = 1 AND dispatched_at < :before ORDER BY dispatched_at LIMIT :most;

-- name: room(workspaces, ids)
SELECT channel_id,
       count(*) FILTER (WHERE stage = 1) AS outstanding,
       count(*) FILTER (WHERE stage = 0 AND priority = 0) AS people,
       count(*) FILTER (WHERE stage = 0 AND priority = 1) AS ai,
       count(*) FILTER (WHERE stage = 0 AND priority = 2) AS broadcasts
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, channel_id)
JOIN deliveries USING (workspace_id, channel_id)
WHERE stage IN (0, 1) GROUP BY channel_id;

-- name: addresses(workspaces, ids)
SELECT identity_id, kind, value
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, identity_id)
JOIN identity_aliases USING (workspace_id, identity_id)
ORDER BY identity_id, seen_at DESC, position;
