-- Load: what a transaction needs, locked in one order. Every statement that locks is sorted by
-- the key it locks. Keys are pairs (workspace_id, id): every index begins with the workspace.
-- Called by unit_of_work.py only.

-- name: channels_by_account(types, accounts)
SELECT c.workspace_id, c.id, c.type, c.account, c.name, c.enabled, c.version, c.parent, c.config
FROM unnest(:types::text[], :accounts::text[]) AS wanted (type, account)
JOIN channels c ON c.type = wanted.type AND c.account = wanted.account;

-- name: channels_by_id(workspaces, ids)
SELECT workspace_id, id, type, account, name, enabled, version, parent, config
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, id)
JOIN channels USING (workspace_id, id);

-- name: lock_channel(workspace, channel)^
SELECT workspace_id, id, type, account, name, enabled, version, parent, config FROM channels
WHERE workspace_id = :workspace AND id = :channel FOR NO KEY UPDATE;

-- name: sealed_secret(workspace, channel)$
SELECT secret FROM channels WHERE workspace_id = :workspace AND id = :channel;

-- name: channel_health(workspaces, ids)
SELECT c.id AS channel_id, h.last_event_at, coalesce(h.validation, 'unverified') AS validation,
       h.validated_at, h.problem, h.token_expires_at, h.state, h.quality, h.throughput,
       h.messaging_limit, h.silent_since
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, id)
JOIN channels c USING (workspace_id, id)
LEFT JOIN channel_health h ON h.workspace_id = c.workspace_id AND h.channel_id = c.id;

-- name: channel_failures(workspaces, ids)
SELECT channel_id, kind, sum(failures) AS failures
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, channel_id)
JOIN channel_errors USING (workspace_id, channel_id)
WHERE hour > now() - interval '24 hours' GROUP BY channel_id, kind;

-- A verdict that is missing from `verdicts` is never checked again.
-- name: channel_to_validate(types, besides, verdicts, befores)^
SELECT c.workspace_id, c.id
FROM channels c
LEFT JOIN channel_health h ON h.workspace_id = c.workspace_id AND h.channel_id = c.id
JOIN unnest(:verdicts::text[], :befores::timestamptz[]) AS due (verdict, before)
    ON due.verdict = coalesce(h.validation, 'unverified')
WHERE c.enabled AND c.type = ANY (:types::text[]) AND c.id <> ALL (:besides::uuid[])
  AND (h.validated_at IS NULL OR h.validated_at < due.before)
ORDER BY h.validated_at NULLS FIRST, c.id LIMIT 1;

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
RETURNING r.workspace_id, r.channel_id, r.provider_id, r.message_id, r.attempt, r.part, r.held,
          r.echo_until;

-- name: lock_identities(workspaces, ids)
SELECT workspace_id, id, channel_id, contact_id, last_inbound_at, ad_inbound_at, profile_at,
       profile_state
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, id)
JOIN identities AS locked USING (workspace_id, id)
ORDER BY locked.id FOR NO KEY UPDATE OF locked;

-- name: identities(workspaces, ids)
SELECT workspace_id, id, channel_id, contact_id, last_inbound_at, ad_inbound_at, profile_at,
       profile_state
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, id)
JOIN identities USING (workspace_id, id);

-- name: external_ids(workspaces, ids)
SELECT message_id, part, attempt, provider_id
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, message_id)
JOIN external_refs USING (workspace_id, message_id)
WHERE provider_id NOT LIKE 'event:%'
ORDER BY message_id, part DESC, attempt;

-- The customer's last message up to a number, by the name the platform has for it.
-- name: last_inbound(workspace, conversation, after, up_to)$
SELECT r.provider_id FROM messages m
JOIN external_refs r ON r.workspace_id = m.workspace_id AND r.message_id = m.id
WHERE m.workspace_id = :workspace AND m.conversation_id = :conversation
  AND m.seq > :after AND m.seq <= :up_to AND m.direction = 'inbound'
  AND NOT m.quiet AND NOT m.hidden
  AND r.provider_id NOT LIKE 'event:%'
ORDER BY m.seq DESC LIMIT 1;

-- name: workspace_settings(workspace)$
SELECT settings FROM workspaces WHERE id = :workspace;

-- name: lock_contacts(workspaces, ids)
SELECT workspace_id, id, external_id, name, name_source, username, phone, email, email_proven,
       blocked_at, lead_status, avatar_file_id, version
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, id)
JOIN contacts AS locked USING (workspace_id, id)
ORDER BY locked.id FOR NO KEY UPDATE OF locked;

-- name: contacts(workspaces, ids)
SELECT workspace_id, id, external_id, name, name_source, username, phone, email, email_proven,
       blocked_at, lead_status, avatar_file_id, version
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

-- name: live_conversations(workspace, contact)
SELECT workspace_id, id FROM conversations
WHERE workspace_id = :workspace AND contact_id = :contact AND status IN (0, 1);

-- name: conversations_of(workspaces, ids)
SELECT id, workspace_id, conversation_id
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, id)
JOIN messages USING (workspace_id, id);

-- name: lock_conversations(workspaces, ids)
SELECT workspace_id, id, channel_id, identity_id, contact_id, kind, status, pending_reason, handler,
       handler_epoch, assignee_id, unread_count, read_seq, last_seq, last_inbound_seq,
       last_message_at, last_preview, last_author, closed_at, closed_by, close_epoch,
       ai_context_from_seq, thread_owner, thread_owner_at, csat_customer, csat_customer_comment,
       csat_customer_at, version, created_at
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, id)
JOIN conversations AS locked USING (workspace_id, id)
ORDER BY locked.id FOR NO KEY UPDATE OF locked;

-- name: lock_messages(workspaces, ids)
SELECT workspace_id, conversation_id, seq, id, channel_id, direction, kind, author_type, author_id,
       author_name, parts, client_msg_id, reply_to, forwarded, referral, reactions, edited_at, deleted_at, sent_at,
       created_at, quiet, hidden, blocked, version
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, id)
JOIN messages AS locked USING (workspace_id, id)
ORDER BY locked.id FOR NO KEY UPDATE OF locked;

-- name: message_by_client_msg_id(workspace, conversation, client)^
SELECT workspace_id, conversation_id, seq, id, channel_id, direction, kind, author_type, author_id,
       author_name, parts, client_msg_id, reply_to, forwarded, referral, reactions, edited_at, deleted_at, sent_at,
       created_at, quiet, hidden, blocked, version
FROM messages WHERE workspace_id = :workspace AND conversation_id = :conversation AND client_msg_id = :client;

-- name: unread_after(workspace, conversation, seq)$
SELECT count(*) FROM messages
WHERE workspace_id = :workspace AND conversation_id = :conversation AND seq > :seq
  AND direction = 'inbound' AND NOT quiet AND NOT hidden;

-- name: deliveries(workspaces, ids)
SELECT workspace_id, message_id, part, conversation_id, channel_id, seq, attempt, rank, implied,
       shown, stage, priority, problem, queued_at, dispatched_at, changed_at
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

-- name: files(workspaces, ids)
SELECT workspace_id, id, key, purpose, mime_type, size, sha256, filename, created_by, created_at, purge_at
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, id)
JOIN files USING (workspace_id, id);

-- name: channels_by_parent(types, parents)
SELECT c.workspace_id, c.id, c.type, c.account, c.name, c.enabled, c.version, c.parent, c.config
FROM unnest(:types::text[], :parents::text[]) AS wanted (type, parent)
JOIN channels c ON c.type = wanted.type AND c.parent = wanted.parent ORDER BY c.id;

-- name: find_aliases(workspaces, channels, kinds, names)
SELECT workspace_id, channel_id, kind, value, identity_id
FROM unnest(:workspaces::uuid[], :channels::uuid[], :kinds::text[], :names::text[])
    AS wanted (workspace_id, channel_id, kind, value)
JOIN identity_aliases USING (workspace_id, channel_id, kind, value);

-- name: busy_identities(workspaces, ids)
SELECT DISTINCT wanted.id
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, id)
JOIN conversations c ON c.workspace_id = wanted.workspace_id AND c.identity_id = wanted.id
JOIN deliveries d ON d.workspace_id = c.workspace_id AND d.conversation_id = c.id
WHERE d.stage = 1;

-- name: lock_items(workspaces, events)
SELECT workspace_id, event_id, channel_id, message_id, kind, why, raw, normalizer, beside, received_at
FROM unnest(:workspaces::uuid[], :events::text[]) AS wanted (workspace_id, event_id)
JOIN unsupported_items AS locked USING (workspace_id, event_id)
ORDER BY locked.event_id FOR NO KEY UPDATE OF locked;

-- The newest parts of each person that were dispatched, by then or up to that place, or that wait
-- and stand before that place, and of which a watermark of this rank says more than is known. The
-- predicates of deliveries_not_known_read and deliveries_waiting are repeated literally.
-- name: covered(workspaces, ids, ranks, moments, conversations, seqs, most)
SELECT workspace_id, message_id
FROM unnest(:workspaces::uuid[], :ids::uuid[], :ranks::smallint[], :moments::timestamptz[],
            :conversations::uuid[], :seqs::integer[])
    AS mark (workspace_id, identity_id, rank, up_to, conversation_id, up_to_seq)
CROSS JOIN LATERAL (
    (SELECT d.message_id
    FROM conversations c
    JOIN deliveries d ON d.workspace_id = c.workspace_id AND d.conversation_id = c.id
    WHERE c.workspace_id = mark.workspace_id AND c.identity_id = mark.identity_id
      AND d.stage > 0 AND d.rank < 6 AND d.implied < 6
      AND d.rank < mark.rank AND d.implied < mark.rank
      AND (mark.conversation_id IS NULL OR c.id = mark.conversation_id)
      AND CASE WHEN mark.up_to_seq IS NULL THEN d.dispatched_at <= mark.up_to
               ELSE c.id = mark.conversation_id AND d.seq <= mark.up_to_seq END
    ORDER BY d.dispatched_at DESC LIMIT :most)
    UNION ALL
    (SELECT d.message_id
    FROM conversations c
    JOIN deliveries d ON d.workspace_id = c.workspace_id AND d.conversation_id = c.id
    WHERE c.workspace_id = mark.workspace_id AND c.identity_id = mark.identity_id
      AND c.id = mark.conversation_id AND d.seq <= mark.up_to_seq
      AND d.stage = 0 AND d.implied < mark.rank
    ORDER BY d.seq DESC LIMIT :most)
) AS found;

-- name: newest_shown(workspace, conversation, besides)^
SELECT workspace_id, conversation_id, seq, id, channel_id, direction, kind, author_type, author_id,
       author_name, parts, client_msg_id, reply_to, forwarded, referral, reactions, edited_at, deleted_at, sent_at,
       created_at, quiet, hidden, blocked, version
FROM (
    SELECT * FROM messages
    WHERE workspace_id = :workspace AND conversation_id = :conversation
      AND NOT hidden AND NOT blocked AND kind <> 'event' AND id <> ALL (:besides::uuid[])
    ORDER BY seq DESC LIMIT 200
) AS lately ORDER BY sent_at DESC, seq DESC LIMIT 1;
