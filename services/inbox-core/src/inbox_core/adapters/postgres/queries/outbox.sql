-- The outbox, read by the relay.

-- name: take_outbox(lane, most)
SELECT id, subject, body FROM outbox WHERE lane = :lane
ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED;

-- name: delete_outbox(lane, ids)!
DELETE FROM outbox WHERE lane = :lane AND id = ANY (:ids::uuid[]);

-- name: outbox_depth(lane)$
SELECT count(*) FROM (SELECT 1 FROM outbox WHERE lane = :lane LIMIT 10000) AS capped;

-- name: all_channels()
SELECT workspace_id, id, type, account, enabled, secret, version, parent, config
FROM channels ORDER BY id;

-- name: server_identity()^
SELECT system_identifier::text AS system, timeline_id AS timeline
FROM pg_control_system(), pg_control_checkpoint();
