-- migrate:up
-- Who may read and write what. The API sees one workspace a transaction, the worker sees all of
-- them but no credentials of people; neither owns a table.

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY[
        'members', 'api_tokens', 'channels', 'audit_log', 'idempotency_keys', 'contacts',
        'identities', 'identity_aliases', 'conversations', 'status_changes', 'messages',
        'unsupported_items', 'channel_events', 'external_refs', 'deliveries', 'outbox'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY owner_all ON %I TO sluice_owner USING (true)', t);
        -- Unset reads nothing: null equals no workspace.
        EXECUTE format(
            'CREATE POLICY api_workspace ON %I TO sluice_api USING '
            '(workspace_id = nullif(current_setting(''app.workspace_id'', true), '''')::uuid)', t
        );
        IF t NOT IN ('api_tokens', 'idempotency_keys') THEN
            EXECUTE format('CREATE POLICY worker_all ON %I TO sluice_worker USING (true)', t);
        END IF;
    END LOOP;
END
$$;

ALTER TABLE workspaces ENABLE ROW LEVEL SECURITY;
ALTER TABLE workspaces FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON workspaces TO sluice_owner USING (true);
CREATE POLICY api_workspace ON workspaces TO sluice_api
    USING (id = nullif(current_setting('app.workspace_id', true), '')::uuid);
CREATE POLICY worker_all ON workspaces TO sluice_worker USING (true);

GRANT SELECT ON workspaces, members TO sluice_api, sluice_worker;
GRANT SELECT, INSERT, UPDATE ON channels TO sluice_api;
GRANT SELECT ON channels TO sluice_worker;
GRANT SELECT, INSERT ON audit_log TO sluice_api;
GRANT INSERT ON audit_log TO sluice_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON idempotency_keys TO sluice_api;
GRANT SELECT, INSERT, UPDATE ON
    contacts, identities, identity_aliases, conversations, messages, external_refs, deliveries,
    status_changes
    TO sluice_api, sluice_worker;
GRANT SELECT ON unsupported_items, channel_events TO sluice_api;
GRANT SELECT, INSERT, UPDATE ON unsupported_items, channel_events TO sluice_worker;
GRANT INSERT ON outbox TO sluice_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO sluice_worker;

-- Credentials are reached only through these functions: sluice_api has no right on the tables.
CREATE FUNCTION auth_user(wanted_email text)
RETURNS TABLE (id uuid, name text, password_hash text)
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = public AS $$
    SELECT u.id, u.name, u.password_hash FROM users u
    WHERE u.email = lower(wanted_email) AND u.disabled_at IS NULL
$$;

CREATE FUNCTION auth_memberships(wanted_user uuid)
RETURNS TABLE (workspace_id uuid, workspace_name text, role text)
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = public AS $$
    SELECT m.workspace_id, w.name, m.role
    FROM members m JOIN workspaces w ON w.id = m.workspace_id
    WHERE m.user_id = wanted_user ORDER BY w.created_at, w.id
$$;

CREATE FUNCTION auth_open_session(hash bytea, session_user_id uuid, seconds integer)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    DELETE FROM sessions WHERE expires_at < now();
    INSERT INTO sessions (token_hash, user_id, expires_at)
    VALUES (hash, session_user_id, now() + make_interval(secs => seconds))
$$;

CREATE FUNCTION auth_session(hash bytea)
RETURNS TABLE (user_id uuid, user_name text, email text, expires_at timestamptz)
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = public AS $$
    SELECT u.id, u.name, u.email, s.expires_at FROM sessions s JOIN users u ON u.id = s.user_id
    WHERE s.token_hash = hash AND s.expires_at > now() AND u.disabled_at IS NULL
$$;

CREATE FUNCTION auth_close_session(hash bytea)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    DELETE FROM sessions WHERE token_hash = hash
$$;

CREATE FUNCTION auth_token(hash bytea)
RETURNS TABLE (id uuid, workspace_id uuid, user_id uuid, role text, name text)
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = public AS $$
    SELECT t.id, t.workspace_id, t.user_id, m.role, t.name
    FROM api_tokens t
    JOIN members m ON m.workspace_id = t.workspace_id AND m.user_id = t.user_id
    JOIN users u ON u.id = t.user_id
    WHERE t.token_hash = hash AND t.revoked_at IS NULL AND u.disabled_at IS NULL
$$;

-- Old keys of every workspace, which sluice_api sees one at a time only: a bounded bite a call.
CREATE FUNCTION purge_idempotency_keys(kept_seconds integer, most integer)
RETURNS integer LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    WITH gone AS (
        DELETE FROM idempotency_keys WHERE (workspace_id, principal, key) IN (
            SELECT k.workspace_id, k.principal, k.key FROM idempotency_keys k
            WHERE k.created_at < now() - make_interval(secs => kept_seconds)
            ORDER BY k.created_at LIMIT most FOR UPDATE SKIP LOCKED
        ) RETURNING 1
    )
    SELECT count(*)::integer FROM gone
$$;

REVOKE ALL ON FUNCTION auth_user(text), auth_memberships(uuid),
    auth_open_session(bytea, uuid, integer), auth_session(bytea), auth_close_session(bytea),
    auth_token(bytea), purge_idempotency_keys(integer, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION auth_user(text), auth_memberships(uuid),
    auth_open_session(bytea, uuid, integer), auth_session(bytea), auth_close_session(bytea),
    auth_token(bytea), purge_idempotency_keys(integer, integer) TO sluice_api;

-- migrate:down
