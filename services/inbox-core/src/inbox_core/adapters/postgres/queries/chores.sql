-- Chores: what the worker looks after beside its reading. Called by chores.py only.

-- name: ripe_echoes(now, most)
SELECT r.workspace_id, r.channel_id, r.held -> 'echo' -> 'event' AS event
FROM external_refs r
WHERE r.echo_until IS NOT NULL AND (r.echo_until <= :now OR NOT EXISTS (
    SELECT FROM conversations c
    JOIN deliveries d ON d.workspace_id = c.workspace_id AND d.conversation_id = c.id
    WHERE c.workspace_id = r.workspace_id AND d.stage = 1
      AND c.identity_id = (r.held -> 'echo' ->> 'identity')::uuid
))
ORDER BY r.echo_until LIMIT :most;

-- name: due_files(now, most)
SELECT workspace_id, id, key, purpose, mime_type, size, sha256, filename, created_by, created_at, purge_at
FROM files WHERE purge_at <= :now ORDER BY purge_at LIMIT :most;

-- name: forget_files(workspaces, ids)!
DELETE FROM files USING unnest(:workspaces::uuid[], :ids::uuid[]) AS gone (workspace_id, id)
WHERE files.workspace_id = gone.workspace_id AND files.id = gone.id AND files.purge_at IS NOT NULL;

-- name: forget_ips(before, most)
DELETE FROM visitor_ips WHERE (workspace_id, id) IN (
    SELECT workspace_id, id FROM visitor_ips WHERE at < :before ORDER BY at LIMIT :most
)
RETURNING id;

-- name: unsupported_items(kind, prefix, since, channel_type, after_at, after_id, most)
SELECT u.workspace_id, u.event_id, u.channel_id, u.message_id, u.kind, u.why, u.raw, u.normalizer,
       u.beside, u.received_at
FROM unsupported_items u
JOIN channels c ON c.workspace_id = u.workspace_id AND c.id = u.channel_id
WHERE (u.kind = :kind::text OR starts_with(u.kind, :prefix::text))
  AND (:since::timestamptz IS NULL OR u.received_at >= :since)
  AND (:channel_type::text IS NULL OR c.type = :channel_type)
  AND (:after_at::timestamptz IS NULL
       OR (u.received_at, u.event_id) > (:after_at, :after_id::text))
ORDER BY u.received_at, u.event_id LIMIT :most;

-- Before anything of their health is locked: everybody takes the channel first.
-- name: lock_channels(workspaces, ids)
SELECT locked.id FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, id)
JOIN channels AS locked USING (workspace_id, id)
ORDER BY locked.id FOR NO KEY UPDATE OF locked;

-- name: silent_among(workspaces, ids)
SELECT workspace_id, channel_id
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, channel_id)
JOIN channel_health h USING (workspace_id, channel_id)
WHERE silent_since IS NOT NULL ORDER BY h.channel_id FOR NO KEY UPDATE OF h;

-- name: note_last_events(workspaces, ids, ats)!
INSERT INTO channel_health AS h (workspace_id, channel_id, last_event_at)
SELECT wanted.* FROM unnest(:workspaces::uuid[], :ids::uuid[], :ats::timestamptz[])
    AS wanted (workspace_id, channel_id, last_event_at)
ORDER BY wanted.channel_id
ON CONFLICT (workspace_id, channel_id) DO UPDATE SET
    last_event_at = greatest(h.last_event_at, excluded.last_event_at), silent_since = NULL;

-- name: note_hours(workspaces, ids, counts, hour)!
INSERT INTO channel_hours AS h (workspace_id, channel_id, hour, events)
SELECT wanted.workspace_id, wanted.channel_id, :hour, wanted.events
FROM unnest(:workspaces::uuid[], :ids::uuid[], :counts::integer[])
    AS wanted (workspace_id, channel_id, events)
ORDER BY wanted.channel_id
ON CONFLICT (workspace_id, channel_id, hour) DO UPDATE SET events = h.events + excluded.events;

-- name: note_failures(workspaces, ids, kinds, counts, hour)!
INSERT INTO channel_errors AS e (workspace_id, channel_id, hour, kind, failures)
SELECT wanted.workspace_id, wanted.channel_id, :hour, wanted.kind, wanted.failures
FROM unnest(:workspaces::uuid[], :ids::uuid[], :kinds::text[], :counts::integer[])
    AS wanted (workspace_id, channel_id, kind, failures)
ORDER BY wanted.channel_id, wanted.kind
ON CONFLICT (workspace_id, channel_id, hour, kind)
DO UPDATE SET failures = e.failures + excluded.failures;

-- name: busy_hours(since, until)
SELECT h.workspace_id, h.channel_id, h.hour, h.events, k.last_event_at, k.silent_since
FROM channel_hours h
JOIN channels c ON c.workspace_id = h.workspace_id AND c.id = h.channel_id AND c.enabled
JOIN channel_health k ON k.workspace_id = h.workspace_id AND k.channel_id = h.channel_id
WHERE h.hour >= :since AND h.hour < :until
ORDER BY h.channel_id, h.hour;

-- name: fall_silent(workspaces, ids, now)
UPDATE channel_health h SET silent_since = :now
FROM (
    SELECT workspace_id, channel_id
    FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, channel_id)
    JOIN channel_health USING (workspace_id, channel_id)
    ORDER BY channel_id FOR NO KEY UPDATE
) AS locked
WHERE h.workspace_id = locked.workspace_id AND h.channel_id = locked.channel_id
  AND h.silent_since IS NULL
RETURNING h.workspace_id, h.channel_id;

-- name: silent_channels()$
SELECT count(*) FROM channel_health h
JOIN channels c ON c.workspace_id = h.workspace_id AND c.id = h.channel_id
WHERE h.silent_since IS NOT NULL AND c.enabled;

-- name: trim_hours(before)!
DELETE FROM channel_hours WHERE hour < :before;

-- name: trim_errors(before)!
DELETE FROM channel_errors WHERE hour < :before;
