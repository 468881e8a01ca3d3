-- History: what a visitor may see of their own threads. No locks. Called by history.py only.
-- May see: what was said, by them or to them, and neither taken out of the thread nor blocked.

-- The channel, and from here on this transaction sees its workspace alone.
-- name: enter_visitor_channel(type, account)^
SELECT workspace_id, id, set_config('app.workspace_id', workspace_id::text, true)
FROM visitor_channel(:type, :account);

-- Whose names these are, the strongest first.
-- name: visitor_people(workspace, channel, kinds, names)
SELECT i.id AS identity_id, c.blocked_at IS NOT NULL AS blocked
FROM unnest(:kinds::text[], :names::text[]) WITH ORDINALITY AS wanted (kind, value, place)
JOIN identity_aliases a
  ON a.workspace_id = :workspace AND a.channel_id = :channel
 AND a.kind = wanted.kind AND a.value = wanted.value
JOIN identities i ON i.workspace_id = a.workspace_id AND i.id = a.identity_id
JOIN contacts c ON c.workspace_id = i.workspace_id AND c.id = i.contact_id
ORDER BY wanted.place;

-- A rating of an earlier closing is none of the present one; by two clocks, hence the seconds.
-- name: visitor_threads(workspace, identities, most)
SELECT newest.id, newest.status, newest.read_seq, newest.last_message_at, newest.closed_at,
       newest.rating, coalesce(seen.seq, 0) AS last_seq
FROM (
    SELECT c.id, c.status, c.read_seq, c.last_message_at, c.closed_at,
           CASE WHEN c.closed_at IS NULL
                  OR c.csat_customer_at >= c.closed_at - interval '5 seconds'
                THEN c.csat_customer END AS rating
    FROM unnest(:identities::uuid[]) AS who (identity_id)
    CROSS JOIN LATERAL (
        SELECT * FROM conversations
        WHERE workspace_id = :workspace AND identity_id = who.identity_id
        ORDER BY last_message_at DESC LIMIT :most
    ) AS c
    ORDER BY c.last_message_at DESC, c.id DESC LIMIT :most
) AS newest
LEFT JOIN LATERAL (
    SELECT m.seq FROM messages m
    WHERE m.workspace_id = :workspace AND m.conversation_id = newest.id
      AND m.direction IN ('inbound', 'outbound') AND m.kind = 'message'
      AND NOT m.hidden AND NOT m.blocked
    ORDER BY m.seq DESC LIMIT 1
) AS seen ON true
ORDER BY newest.last_message_at DESC, newest.id DESC;

-- name: visitor_owns(workspace, conversation, identities)$
SELECT true FROM conversations
WHERE workspace_id = :workspace AND id = :conversation AND identity_id = ANY (:identities::uuid[]);

-- name: visitor_messages_after(workspace, conversation, seq, most)
SELECT workspace_id, conversation_id, seq, id, channel_id, direction, kind, author_type, author_id,
       author_name, parts, deleted_at, sent_at, created_at
FROM messages
WHERE workspace_id = :workspace AND conversation_id = :conversation AND seq > :seq
  AND direction IN ('inbound', 'outbound') AND kind = 'message' AND NOT hidden AND NOT blocked
ORDER BY seq LIMIT :most;

-- name: visitor_messages_before(workspace, conversation, seq, most)
SELECT workspace_id, conversation_id, seq, id, channel_id, direction, kind, author_type, author_id,
       author_name, parts, deleted_at, sent_at, created_at
FROM messages
WHERE workspace_id = :workspace AND conversation_id = :conversation AND seq < :seq
  AND direction IN ('inbound', 'outbound') AND kind = 'message' AND NOT hidden AND NOT blocked
ORDER BY seq DESC LIMIT :most;
