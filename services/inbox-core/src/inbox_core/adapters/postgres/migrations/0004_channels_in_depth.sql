-- migrate:up
-- Files, profiles, reply windows, the health of channels: what the platforms tell beyond texts.

ALTER TABLE channels
    -- The account above this one, whose news concern it too.
    ADD COLUMN parent text,
    -- What else its adapter needs to know of it, as its validation found out. No secrets.
    ADD COLUMN config jsonb NOT NULL DEFAULT '{}';
CREATE INDEX channels_by_parent ON channels (type, parent) WHERE parent IS NOT NULL;

CREATE TABLE files (
    workspace_id uuid NOT NULL REFERENCES workspaces (id),
    id uuid NOT NULL,
    key text NOT NULL CHECK (starts_with(key, workspace_id || '/')),
    purpose text NOT NULL CHECK (purpose IN ('media', 'upload', 'avatar')),
    mime_type text NOT NULL,
    size bigint NOT NULL CHECK (size >= 0),
    sha256 text NOT NULL,
    filename text,
    created_by text,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- Set when nobody may see it any more; a chore deletes the bytes, then the row.
    purge_at timestamptz,
    PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX files_key ON files (workspace_id, key);
CREATE INDEX files_to_purge ON files (purge_at) WHERE purge_at IS NOT NULL;

ALTER TABLE identities
    -- The reply window is computed from these; the platform's own times.
    ADD COLUMN last_inbound_at timestamptz,
    ADD COLUMN ad_inbound_at timestamptz,
    -- When a profile was last asked for, and what came of it: asked, known, none, failed.
    ADD COLUMN profile_at timestamptz,
    ADD COLUMN profile_state text;

ALTER TABLE contacts ADD COLUMN avatar_file_id uuid;

-- The app that holds the thread, and since when; null: this one, or nobody in particular.
ALTER TABLE conversations
    ADD COLUMN thread_owner text,
    ADD COLUMN thread_owner_at timestamptz;

ALTER TABLE messages
    -- Counts as nothing new: it came with the channel's history, or only tells what happened.
    ADD COLUMN quiet boolean NOT NULL DEFAULT false,
    -- A place in the thread that is no message any more: a duplicate, an item that was no message.
    ADD COLUMN hidden boolean NOT NULL DEFAULT false;

-- What a watermark says of a part, beside what was said of itself: 0, 5 delivered or 6 read.
ALTER TABLE deliveries ADD COLUMN implied smallint NOT NULL DEFAULT 0;
CREATE INDEX deliveries_not_known_read ON deliveries (workspace_id, conversation_id, dispatched_at)
    WHERE stage > 0 AND rank < 6 AND implied < 6;

-- An unknown echo waits here for the result of a send it may be, until then at most.
ALTER TABLE external_refs ADD COLUMN echo_until timestamptz;
CREATE INDEX external_refs_echoes ON external_refs (echo_until) WHERE echo_until IS NOT NULL;

ALTER TABLE unsupported_items ADD COLUMN beside text;

CREATE TABLE channel_health (
    workspace_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    last_event_at timestamptz,
    validation text NOT NULL DEFAULT 'unverified'
        CHECK (validation IN ('unverified', 'verified', 'refused')),
    validated_at timestamptz,
    problem jsonb,
    token_expires_at timestamptz,
    state text,
    quality text,
    throughput text,
    messaging_limit text,
    silent_since timestamptz,
    PRIMARY KEY (workspace_id, channel_id),
    FOREIGN KEY (workspace_id, channel_id) REFERENCES channels (workspace_id, id)
);

-- Events an hour: whether a channel is busy, and so whether its silence means something.
CREATE TABLE channel_hours (
    workspace_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    hour timestamptz NOT NULL,
    events integer NOT NULL,
    PRIMARY KEY (workspace_id, channel_id, hour)
);

-- Failed sends an hour by the class of their error.
CREATE TABLE channel_errors (
    workspace_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    hour timestamptz NOT NULL,
    kind text NOT NULL,
    failures integer NOT NULL,
    PRIMARY KEY (workspace_id, channel_id, hour, kind)
);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['files', 'channel_health', 'channel_hours', 'channel_errors'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY owner_all ON %I TO sluice_owner USING (true)', t);
        EXECUTE format(
            'CREATE POLICY api_workspace ON %I TO sluice_api USING '
            '(workspace_id = nullif(current_setting(''app.workspace_id'', true), '''')::uuid)', t
        );
        EXECUTE format('CREATE POLICY worker_all ON %I TO sluice_worker USING (true)', t);
    END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE ON files TO sluice_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON files TO sluice_worker;
GRANT SELECT, INSERT, UPDATE ON channel_health TO sluice_api, sluice_worker;
GRANT SELECT ON channel_hours, channel_errors TO sluice_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON channel_hours, channel_errors TO sluice_worker;
GRANT DELETE ON unsupported_items TO sluice_worker;
-- Health, and what a validation found out, are news of the channel.
GRANT UPDATE (version, parent, config, secret) ON channels TO sluice_worker;

-- migrate:down
