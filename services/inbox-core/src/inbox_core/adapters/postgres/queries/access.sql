-- Credentials, only through the functions of migration 0003, and repeated requests.
-- Called by accounts.py and idempotency.py only.

-- name: account(email)^
SELECT id, name, password_hash FROM auth_user(:email);

-- name: session(hash)
SELECT s.user_id, s.user_name, s.email, s.expires_at, m.workspace_id, m.workspace_name, m.role
FROM auth_session(:hash) AS s LEFT JOIN LATERAL auth_memberships(s.user_id) AS m ON true;

-- name: open_session(hash, user_id, seconds)$
SELECT auth_open_session(:hash, :user_id, :seconds);

-- name: close_session(hash)$
SELECT auth_close_session(:hash);

-- name: api_token(hash)^
SELECT t.id, t.name, t.user_id, t.workspace_id, t.role, m.workspace_name
FROM auth_token(:hash) AS t
JOIN LATERAL auth_memberships(t.user_id) AS m ON m.workspace_id = t.workspace_id;

-- A key is free when it is new, when its answer is too old to be given again, or when whoever
-- claimed it has died.
-- name: claim_request(workspace, principal, key, hash, kept, claim)$
INSERT INTO idempotency_keys AS k (workspace_id, principal, key, request_hash)
VALUES (:workspace, :principal, :key, :hash)
ON CONFLICT (workspace_id, principal, key) DO UPDATE
SET request_hash = excluded.request_hash, status = NULL, response = NULL, created_at = now()
WHERE k.created_at < now() - make_interval(secs => :kept)
   OR (k.status IS NULL AND k.request_hash = excluded.request_hash
       AND k.created_at < now() - make_interval(secs => :claim))
RETURNING true;

-- name: claimed_request(workspace, principal, key)^
SELECT request_hash, status, response FROM idempotency_keys
WHERE workspace_id = :workspace AND principal = :principal AND key = :key;

-- name: keep_answer(workspace, principal, key, status, response)!
UPDATE idempotency_keys SET status = :status, response = :response
WHERE workspace_id = :workspace AND principal = :principal AND key = :key;

-- name: forget_request(workspace, principal, key)!
DELETE FROM idempotency_keys
WHERE workspace_id = :workspace AND principal = :principal AND key = :key AND status IS NULL;

-- name: purge_requests(kept, most)$
SELECT purge_idempotency_keys(:kept, :most);
