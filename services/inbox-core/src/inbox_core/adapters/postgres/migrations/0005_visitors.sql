-- migrate:up
-- Visitors of web pages: where they came from, what they said of themselves, how they were served;
-- and people whom nobody wants to hear any more.

-- A lead is somebody who left an address; null: none.
ALTER TABLE contacts ADD COLUMN lead_status text
    CHECK (lead_status IN ('new', 'contacted', 'qualified', 'won', 'lost'));

-- How the customer found the conversation, by their own last word.
ALTER TABLE conversations
    ADD COLUMN csat_customer smallint CHECK (csat_customer BETWEEN 1 AND 5),
    ADD COLUMN csat_customer_comment text,
    ADD COLUMN csat_customer_at timestamptz;

-- From somebody who was blocked when it came: kept and shown, and it woke nobody.
ALTER TABLE messages ADD COLUMN blocked boolean NOT NULL DEFAULT false;

-- Where a person was when they began the conversation. Written once, changed never; `ip` is the
-- network alone.
CREATE TABLE conversation_sources (
    workspace_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    page_url text,
    page_title text,
    referrer text,
    utm jsonb NOT NULL DEFAULT '{}',
    language text,
    time_zone text,
    screen text,
    user_agent text,
    ip cidr CHECK (masklen(ip) = CASE family(ip) WHEN 4 THEN 24 ELSE 48 END),
    PRIMARY KEY (workspace_id, conversation_id),
    FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id)
);

-- The whole address, sealed: for whoever holds the key and the worker's role. Purged by age.
CREATE TABLE visitor_ips (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    sealed text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id)
);
CREATE INDEX visitor_ips_by_age ON visitor_ips (at);
COMMENT ON COLUMN visitor_ips.sealed IS 'sealed by vault, purpose visitors; no API reads it';

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['conversation_sources', 'visitor_ips'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY owner_all ON %I TO sluice_owner USING (true)', t);
        EXECUTE format('CREATE POLICY worker_all ON %I TO sluice_worker USING (true)', t);
    END LOOP;
END
$$;
CREATE POLICY api_workspace ON conversation_sources TO sluice_api
    USING (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);

GRANT SELECT ON conversation_sources TO sluice_api;
GRANT SELECT, INSERT ON conversation_sources TO sluice_worker;
GRANT SELECT, INSERT, DELETE ON visitor_ips TO sluice_worker;

-- migrate:down
