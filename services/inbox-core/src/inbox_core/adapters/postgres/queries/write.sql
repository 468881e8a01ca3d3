-- Write: everything a plan holds, one statement a table. Called by writing.py only.

-- name: insert_contacts(workspaces, ids, names, usernames, phones)!
INSERT INTO contacts (workspace_id, id, name, username, phone)
SELECT * FROM unnest(:workspaces::uuid[], :ids::uuid[], :names::text[], :usernames::text[],
                     :phones::text[]);

-- name: update_contacts(workspaces, ids, names, usernames, phones, versions)!
UPDATE contacts SET name = new.name, username = new.username, phone = new.phone,
                    version = new.version
FROM unnest(:workspaces::uuid[], :ids::uuid[], :names::text[], :usernames::text[], :phones::text[],
            :versions::integer[]) AS new (workspace_id, id, name, username, phone, version)
WHERE contacts.workspace_id = new.workspace_id AND contacts.id = new.id;

-- name: insert_channel(workspace, channel, type, account, name, enabled, sealed)!
INSERT INTO channels (workspace_id, id, type, account, name, enabled, secret)
VALUES (:workspace, :channel, :type, :account, :name, :enabled, :sealed);

-- name: update_channel(workspace, channel, name, enabled, version, sealed)!
UPDATE channels SET name = :name, enabled = :enabled, version = :version,
                    secret = coalesce(:sealed, secret)
WHERE workspace_id = :workspace AND id = :channel;

-- name: insert_identities(workspaces, ids, channels, contacts)!
INSERT INTO identities (workspace_id, id, channel_id, contact_id)
SELECT * FROM unnest(:workspaces::uuid[], :ids::uuid[], :channels::uuid[], :contacts::uuid[]);

-- name: assign_aliases(workspaces, channels, kinds, names, identities)!
UPDATE identity_aliases SET identity_id = new.identity_id
FROM unnest(:workspaces::uuid[], :channels::uuid[], :kinds::text[], :names::text[],
            :identities::uuid[]) AS new (workspace_id, channel_id, kind, value, identity_id)
WHERE identity_aliases.workspace_id = new.workspace_id
  AND identity_aliases.channel_id = new.channel_id
  AND identity_aliases.kind = new.kind AND identity_aliases.value = new.value;

-- name: insert_conversations(workspaces, ids, channels, identities, contacts, kinds, statuses, handlers, unread, last_seqs, last_inbound, last_at, previews, authors, created)!
INSERT INTO conversations (workspace_id, id, channel_id, identity_id, contact_id, kind, status,
                           handler, unread_count, last_seq, last_inbound_seq, last_message_at,
                           last_preview, last_author, created_at)
SELECT * FROM unnest(:workspaces::uuid[], :ids::uuid[], :channels::uuid[], :identities::uuid[],
                     :contacts::uuid[], :kinds::text[], :statuses::smallint[], :handlers::text[],
                     :unread::integer[], :last_seqs::integer[], :last_inbound::integer[],
                     :last_at::timestamptz[], :previews::text[], :authors::text[],
                     :created::timestamptz[]);

-- The WHERE repeats the status machine: a status moves along an allowed edge or not at all.
-- name: update_conversations(workspaces, ids, statuses, pending, handlers, epochs, assignees, unread, read_seqs, last_seqs, last_inbound, last_at, previews, authors, closed_at, closed_by, close_epochs, ai_from, versions)
UPDATE conversations SET
    status = new.status, pending_reason = new.pending_reason, handler = new.handler,
    handler_epoch = new.handler_epoch, assignee_id = new.assignee_id,
    unread_count = new.unread_count, read_seq = new.read_seq, last_seq = new.last_seq,
    last_inbound_seq = new.last_inbound_seq, last_message_at = new.last_message_at,
    last_preview = new.last_preview, last_author = new.last_author, closed_at = new.closed_at,
    closed_by = new.closed_by, close_epoch = new.close_epoch,
    ai_context_from_seq = new.ai_context_from_seq, version = new.version
FROM unnest(:workspaces::uuid[], :ids::uuid[], :statuses::smallint[], :pending::text[],
            :handlers::text[], :epochs::integer[], :assignees::uuid[], :unread::integer[],
            :read_seqs::integer[], :last_seqs::integer[], :last_inbound::integer[],
            :last_at::timestamptz[], :previews::text[], :authors::text[],
            :closed_at::timestamptz[], :closed_by::text[], :close_epochs::integer[],
            :ai_from::integer[], :versions::integer[])
    AS new (workspace_id, id, status, pending_reason, handler, handler_epoch, assignee_id,
            unread_count, read_seq, last_seq, last_inbound_seq, last_message_at, last_preview,
            last_author, closed_at, closed_by, close_epoch, ai_context_from_seq, version)
WHERE conversations.workspace_id = new.workspace_id AND conversations.id = new.id
  AND (conversations.status, new.status) IN (
      (0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 0), (2, 2), (2, 3), (3, 2), (3, 3)
  )
RETURNING conversations.id;

-- name: insert_status_changes(workspaces, ids, conversations, befores, afters, reasons, actor_types, actors, now)!
INSERT INTO status_changes (workspace_id, id, conversation_id, from_status, to_status, reason,
                            actor_type, actor_id, at)
SELECT new.*, :now FROM unnest(:workspaces::uuid[], :ids::uuid[], :conversations::uuid[],
    :befores::smallint[], :afters::smallint[], :reasons::text[], :actor_types::text[],
    :actors::text[]) AS new;

-- name: insert_messages(workspaces, conversations, seqs, ids, channels, directions, kinds, author_types, authors, names, parts, clients, replies, forwarded, referrals, reactions, edited, deleted, sent, created)!
INSERT INTO messages (workspace_id, conversation_id, seq, id, channel_id, direction, kind,
                      author_type, author_id, author_name, parts, client_msg_id, reply_to, forwarded,
                      referral, reactions, edited_at, deleted_at, sent_at, created_at)
SELECT * FROM unnest(:workspaces::uuid[], :conversations::uuid[], :seqs::integer[], :ids::uuid[],
                     :channels::uuid[], :directions::text[], :kinds::text[], :author_types::text[],
                     :authors::text[], :names::text[], :parts::jsonb[], :clients::text[],
                     :replies::text[], :forwarded::boolean[], :referrals::jsonb[],
                     :reactions::jsonb[], :edited::timestamptz[], :deleted::timestamptz[],
                     :sent::timestamptz[], :created::timestamptz[]);

-- name: update_messages(workspaces, ids, kinds, parts, referrals, reactions, edited, deleted, versions)!
UPDATE messages SET kind = new.kind, parts = new.parts, referral = new.referral,
                    reactions = new.reactions, edited_at = new.edited_at,
                    deleted_at = new.deleted_at, version = new.version
FROM unnest(:workspaces::uuid[], :ids::uuid[], :kinds::text[], :parts::jsonb[],
            :referrals::jsonb[], :reactions::jsonb[], :edited::timestamptz[],
            :deleted::timestamptz[], :versions::integer[])
    AS new (workspace_id, id, kind, parts, referral, reactions, edited_at, deleted_at, version)
WHERE messages.workspace_id = new.workspace_id AND messages.id = new.id;

-- name: insert_deliveries(workspaces, messages, parts, conversations, channels, seqs, attempts, ranks, stages, priorities, problems, queued, dispatched, changed)!
INSERT INTO deliveries (workspace_id, message_id, part, conversation_id, channel_id, seq, attempt,
                        rank, stage, priority, problem, queued_at, dispatched_at, changed_at)
SELECT * FROM unnest(:workspaces::uuid[], :messages::uuid[], :parts::smallint[],
                     :conversations::uuid[], :channels::uuid[], :seqs::integer[],
                     :attempts::smallint[], :ranks::smallint[], :stages::smallint[],
                     :priorities::smallint[], :problems::jsonb[], :queued::timestamptz[],
                     :dispatched::timestamptz[], :changed::timestamptz[]);

-- name: update_deliveries(workspaces, messages, parts, attempts, ranks, stages, problems, dispatched, changed)!
UPDATE deliveries SET attempt = new.attempt, rank = new.rank, stage = new.stage,
                      problem = new.problem, dispatched_at = new.dispatched_at,
                      changed_at = new.changed_at
FROM unnest(:workspaces::uuid[], :messages::uuid[], :parts::smallint[], :attempts::smallint[],
            :ranks::smallint[], :stages::smallint[], :problems::jsonb[],
            :dispatched::timestamptz[], :changed::timestamptz[])
    AS new (workspace_id, message_id, part, attempt, rank, stage, problem, dispatched_at, changed_at)
WHERE deliveries.workspace_id = new.workspace_id AND deliveries.message_id = new.message_id
  AND deliveries.part = new.part;

-- name: update_references(workspaces, channels, providers, messages, attempts, parts, held)!
UPDATE external_refs SET message_id = new.message_id, attempt = new.attempt, part = new.part,
                         held = new.held
FROM unnest(:workspaces::uuid[], :channels::uuid[], :providers::text[], :messages::uuid[],
            :attempts::smallint[], :parts::smallint[], :held::jsonb[])
    AS new (workspace_id, channel_id, provider_id, message_id, attempt, part, held)
WHERE external_refs.workspace_id = new.workspace_id
  AND external_refs.channel_id = new.channel_id
  AND external_refs.provider_id = new.provider_id;

-- name: insert_unsupported(workspaces, events, channels, messages, kinds, whys, raws, normalizers, now)!
INSERT INTO unsupported_items (workspace_id, event_id, channel_id, message_id, kind, why, raw,
                               normalizer, received_at)
SELECT new.*, :now FROM unnest(:workspaces::uuid[], :events::text[], :channels::uuid[],
    :messages::uuid[], :kinds::text[], :whys::text[], :raws::text[], :normalizers::integer[]) AS new
ON CONFLICT (workspace_id, event_id) DO NOTHING;

-- name: insert_channel_events(workspaces, events, channels, types, datas, ats)!
INSERT INTO channel_events (workspace_id, event_id, channel_id, type, data, at)
SELECT * FROM unnest(:workspaces::uuid[], :events::text[], :channels::uuid[], :types::text[],
                     :datas::jsonb[], :ats::timestamptz[])
ON CONFLICT (workspace_id, event_id) DO NOTHING;

-- name: insert_audit(workspaces, ids, actor_types, actors, actions, entity_types, entities, details, now)!
INSERT INTO audit_log (workspace_id, id, actor_type, actor_id, action, entity_type, entity_id,
                       details, at)
SELECT new.*, :now FROM unnest(:workspaces::uuid[], :ids::uuid[], :actor_types::text[],
    :actors::text[], :actions::text[], :entity_types::text[], :entities::text[],
    :details::jsonb[]) AS new;

-- name: insert_outbox(ids, workspaces, subjects, bodies)!
INSERT INTO outbox (id, workspace_id, subject, body)
SELECT * FROM unnest(:ids::uuid[], :workspaces::uuid[], :subjects::text[], :bodies::bytea[]);
