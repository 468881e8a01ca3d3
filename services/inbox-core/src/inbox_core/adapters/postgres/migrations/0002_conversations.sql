-- migrate:up
-- Contacts, conversations, messages, and what travels between them and the platforms.

CREATE TABLE contacts (
    workspace_id uuid NOT NULL REFERENCES workspaces (id),
    id uuid NOT NULL,
    name text,
    -- Who set the name: a person's edit is never overwritten by a channel's profile.
    name_source text NOT NULL DEFAULT 'channel' CHECK (name_source IN ('channel', 'user')),
    username text,
    phone text,
    email text,
    blocked_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, id)
);

-- A contact's presence on one channel account; its names there are the aliases.
CREATE TABLE identities (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    channel_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, channel_id) REFERENCES channels (workspace_id, id),
    FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id)
);
CREATE INDEX identities_by_contact ON identities (workspace_id, contact_id);

-- identity_id is null only inside the transaction that creates the alias: creating and locking
-- are one sorted statement, so two workers racing for a new contact queue up instead of failing.
CREATE TABLE identity_aliases (
    workspace_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    identity_id uuid,
    position smallint NOT NULL DEFAULT 0,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, channel_id, kind, value),
    FOREIGN KEY (workspace_id, identity_id) REFERENCES identities (workspace_id, id)
        DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX identity_aliases_by_identity ON identity_aliases (workspace_id, identity_id);

CREATE TABLE conversations (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    channel_id uuid NOT NULL,
    identity_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    kind text NOT NULL DEFAULT 'chat' CHECK (kind IN ('chat', 'web_call', 'phone_call')),
    -- 0 open, 1 pending, 2 closed, 3 archived
    status smallint NOT NULL DEFAULT 0 CHECK (status BETWEEN 0 AND 3),
    pending_reason text CHECK (pending_reason IN ('teammate', 'customer', 'other')),
    handler text NOT NULL DEFAULT 'none'
        CHECK (handler IN ('ai', 'human_requested', 'human', 'none')),
    handler_epoch integer NOT NULL DEFAULT 0,
    assignee_id uuid,
    unread_count integer NOT NULL DEFAULT 0 CHECK (unread_count >= 0),
    read_seq integer NOT NULL DEFAULT 0,
    last_seq integer NOT NULL DEFAULT 0,
    last_inbound_seq integer NOT NULL DEFAULT 0,
    last_message_at timestamptz NOT NULL,
    last_preview text NOT NULL DEFAULT '',
    last_author text NOT NULL DEFAULT 'contact',
    closed_at timestamptz,
    closed_by text,
    close_epoch integer NOT NULL DEFAULT 0,
    ai_context_from_seq integer NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (workspace_id, id),
    FOREIGN KEY (workspace_id, channel_id) REFERENCES channels (workspace_id, id),
    FOREIGN KEY (workspace_id, identity_id) REFERENCES identities (workspace_id, id),
    FOREIGN KEY (workspace_id, contact_id) REFERENCES contacts (workspace_id, id),
    FOREIGN KEY (workspace_id, assignee_id) REFERENCES members (workspace_id, user_id),
    CHECK ((status = 1) = (pending_reason IS NOT NULL))
) WITH (fillfactor = 85);

-- One live conversation per identity, whatever races.
CREATE UNIQUE INDEX conversations_one_live ON conversations (workspace_id, identity_id)
    WHERE status IN (0, 1);
CREATE INDEX conversations_by_identity
    ON conversations (workspace_id, identity_id, last_message_at DESC);
CREATE INDEX conversations_by_contact
    ON conversations (workspace_id, contact_id, last_message_at DESC);
-- Each list has its index; the query must repeat the predicate literally or the planner skips it
-- (listing.py holds the predicates, tests/integration/inbox_core/test_list_plans.py the plans).
CREATE INDEX conversations_all ON conversations (workspace_id, last_message_at DESC, id DESC)
    WHERE status <> 3;
CREATE INDEX conversations_with_archived
    ON conversations (workspace_id, last_message_at DESC, id DESC);
-- Hardly anything archived is unread: one index serves the list with and without the archive.
CREATE INDEX conversations_unread ON conversations (workspace_id, last_message_at DESC, id DESC)
    WHERE unread_count > 0;
CREATE INDEX conversations_unresolved ON conversations (workspace_id, last_message_at DESC, id DESC)
    WHERE status IN (0, 1);
CREATE INDEX conversations_resolved ON conversations (workspace_id, last_message_at DESC, id DESC)
    WHERE status = 2;
CREATE INDEX conversations_resolved_with_archived
    ON conversations (workspace_id, last_message_at DESC, id DESC) WHERE status IN (2, 3);
CREATE INDEX conversations_assignee
    ON conversations (workspace_id, assignee_id, last_message_at DESC, id DESC)
    WHERE status <> 3;
CREATE INDEX conversations_assignee_with_archived
    ON conversations (workspace_id, assignee_id, last_message_at DESC, id DESC);
CREATE INDEX conversations_channel
    ON conversations (workspace_id, channel_id, last_message_at DESC, id DESC)
    WHERE status <> 3;

CREATE TABLE status_changes (
    workspace_id uuid NOT NULL,
    id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    from_status smallint NOT NULL,
    to_status smallint NOT NULL,
    reason text,
    actor_type text NOT NULL,
    actor_id text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, id)
);
CREATE INDEX status_changes_by_conversation ON status_changes (workspace_id, conversation_id, at);

CREATE TABLE messages (
    workspace_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    seq integer NOT NULL,
    id uuid NOT NULL,
    channel_id uuid NOT NULL,
    direction text NOT NULL CHECK (direction IN ('inbound', 'outbound', 'internal')),
    kind text NOT NULL CHECK (kind IN ('message', 'unsupported', 'event')),
    author_type text NOT NULL CHECK (author_type IN ('contact', 'user', 'ai', 'system')),
    author_id text,
    author_name text,
    parts jsonb NOT NULL,
    -- The client's own id of a message it sends: a repeated POST finds the first.
    client_msg_id text,
    reply_to text,
    forwarded boolean NOT NULL DEFAULT false,
    referral jsonb,
    reactions jsonb NOT NULL DEFAULT '{}',
    edited_at timestamptz,
    deleted_at timestamptz,
    sent_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    version integer NOT NULL DEFAULT 1,
    PRIMARY KEY (workspace_id, conversation_id, seq),
    CONSTRAINT messages_id UNIQUE (workspace_id, id),
    FOREIGN KEY (workspace_id, conversation_id) REFERENCES conversations (workspace_id, id)
);
CREATE UNIQUE INDEX messages_client_msg_id ON messages (workspace_id, conversation_id, client_msg_id)
    WHERE client_msg_id IS NOT NULL;

-- Items nobody understands yet, as they came: renormalized after an upgrade.
CREATE TABLE unsupported_items (
    workspace_id uuid NOT NULL,
    event_id text NOT NULL,
    channel_id uuid NOT NULL,
    message_id uuid,
    kind text NOT NULL,
    why text NOT NULL,
    raw text NOT NULL,
    normalizer integer NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, event_id)
);
CREATE INDEX unsupported_items_by_kind ON unsupported_items (workspace_id, kind, received_at);

-- News about the account or the thread that is no message: stored once, read by later features.
CREATE TABLE channel_events (
    workspace_id uuid NOT NULL,
    event_id text NOT NULL,
    channel_id uuid NOT NULL,
    type text NOT NULL,
    data jsonb NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, event_id)
);

-- THE truth of deduplication: whoever comes first (message, status, result, edit) makes the row,
-- and what arrived before its message waits in `held` until the message takes it.
CREATE TABLE external_refs (
    workspace_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    provider_id text NOT NULL,
    message_id uuid,
    attempt smallint NOT NULL DEFAULT 1,
    part smallint NOT NULL DEFAULT 0,
    held jsonb,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, channel_id, provider_id)
);
CREATE INDEX external_refs_by_message ON external_refs (workspace_id, message_id)
    WHERE message_id IS NOT NULL;

-- One row a part of an outbound message: its state at the platform and its place in the queue.
CREATE TABLE deliveries (
    workspace_id uuid NOT NULL,
    message_id uuid NOT NULL,
    part smallint NOT NULL,
    conversation_id uuid NOT NULL,
    channel_id uuid NOT NULL,
    seq integer NOT NULL,
    attempt smallint NOT NULL DEFAULT 1,
    -- 0 queued, 1 sending, 2 unknown, 3 sent, 4 failed, 5 delivered, 6 read, 7 played
    rank smallint NOT NULL DEFAULT 0,
    -- 0 waiting, 1 outstanding, 2 settled
    stage smallint NOT NULL DEFAULT 0,
    -- 0 people, 1 AI, 2 broadcasts
    priority smallint NOT NULL DEFAULT 0,
    problem jsonb,
    queued_at timestamptz NOT NULL,
    dispatched_at timestamptz,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (workspace_id, message_id, part),
    FOREIGN KEY (workspace_id, message_id) REFERENCES messages (workspace_id, id)
);
-- At most one unsettled send a conversation: replies reach the platform in order.
CREATE UNIQUE INDEX deliveries_one_outstanding ON deliveries (workspace_id, conversation_id)
    WHERE stage = 1;
CREATE INDEX deliveries_waiting ON deliveries (workspace_id, conversation_id, seq, part)
    WHERE stage = 0;
CREATE INDEX deliveries_waiting_by_channel
    ON deliveries (workspace_id, channel_id, priority, queued_at) WHERE stage = 0;
CREATE INDEX deliveries_outstanding_by_channel ON deliveries (workspace_id, channel_id)
    WHERE stage = 1;

-- What is to be published, written with the change it tells of and deleted once it is on the bus.
-- Two lanes, so that a full OUTBOUND does not keep news from the screens.
CREATE TABLE outbox (
    lane text NOT NULL GENERATED ALWAYS AS (
        CASE WHEN subject LIKE 'changes.%' THEN 'changes' ELSE 'commands' END
    ) STORED,
    id uuid NOT NULL,
    workspace_id uuid NOT NULL,
    subject text NOT NULL,
    body bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (lane, id)
);

-- migrate:down
