-- Write: everything a plan holds, one statement a table. Called by writing.py only.

-- name: insert_contacts(workspaces, ids, externals, names, name_sources, usernames, phones, emails, proven, leads, avatars)!
INSERT INTO contacts (workspace_id, id, external_id, name, name_source, username, phone, email,
                      email_proven, lead_status, avatar_file_id)
SELECT * FROM unnest(:workspaces::uuid[], :ids::uuid[], :externals::text[], :names::text[],
                     :name_sources::text[], :usernames::text[], :phones::text[], :emails::text[],
                     :proven::boolean[], :leads::text[], :avatars::uuid[]);

-- name: update_contacts(workspaces, ids, externals, names, name_sources, usernames, phones, emails, proven, leads, avatars, blocked, versions)!
UPDATE contacts SET external_id = new.external_id, name = new.name, name_source = new.name_source,
                    username = new.username, phone = new.phone, email = new.email,
                    email_proven = new.email_proven, lead_status = new.lead_status,
                    avatar_file_id = new.avatar_file_id, blocked_at = new.blocked_at,
                    version = new.version
FROM unnest(:workspaces::uuid[], :ids::uuid[], :externals::text[], :names::text[],
            :name_sources::text[], :usernames::text[], :phones::text[], :emails::text[],
            :proven::boolean[], :leads::text[], :avatars::uuid[], :blocked::timestamptz[],
            :versions::integer[])
    AS new (workspace_id, id, external_id, name, name_source, username, phone, email, email_proven,
            lead_status, avatar_file_id, blocked_at, version)
WHERE contacts.workspace_id = new.workspace_id AND contacts.id = new.id;

-- name: insert_channel(workspace, channel, type, account, name, enabled, sealed, parent, config)!
INSERT INTO channels (workspace_id, id, type, account, name, enabled, secret, parent, config)
VALUES (:workspace, :channel, :type, :account, :name, :enabled, :sealed, :parent, :config);

-- name: update_channel(workspace, channel, name, enabled, version, sealed, parent, config)!
UPDATE channels SET name = :name, enabled = :enabled, version = :version,
                    secret = coalesce(:sealed, secret), parent = :parent, config = :config
WHERE workspace_id = :workspace AND id = :channel;

-- The worker may change no more of a channel than this.
-- name: inform_channel(workspace, channel, version, parent, config, sealed)!
UPDATE channels SET version = :version, parent = :parent, config = :config,
                    secret = coalesce(:sealed, secret)
WHERE workspace_id = :workspace AND id = :channel;

-- name: write_health(workspace, channel, validation, validated_at, problem, token_expires_at, state, quality, throughput, messaging_limit)!
INSERT INTO channel_health (workspace_id, channel_id, validation, validated_at, problem,
                            token_expires_at, state, quality, throughput, messaging_limit)
VALUES (:workspace, :channel, :validation, :validated_at, :problem, :token_expires_at, :state,
        :quality, :throughput, :messaging_limit)
ON CONFLICT (workspace_id, channel_id) DO UPDATE SET
    validation = excluded.validation, validated_at = excluded.validated_at,
    problem = excluded.problem, token_expires_at = excluded.token_expires_at,
    state = excluded.state, quality = excluded.quality, throughput = excluded.throughput,
    messaging_limit = excluded.messaging_limit;

-- name: insert_identities(workspaces, ids, channels, contacts, inbound, ads, profiles, profile_states)!
INSERT INTO identities (workspace_id, id, channel_id, contact_id, last_inbound_at, ad_inbound_at,
                        profile_at, profile_state)
SELECT * FROM unnest(:workspaces::uuid[], :ids::uuid[], :channels::uuid[], :contacts::uuid[],
                     :inbound::timestamptz[], :ads::timestamptz[], :profiles::timestamptz[],
                     :profile_states::text[]);

-- name: update_identities(workspaces, ids, inbound, ads, profiles, profile_states)!
UPDATE identities SET last_inbound_at = new.last_inbound_at, ad_inbound_at = new.ad_inbound_at,
                      profile_at = new.profile_at, profile_state = new.profile_state
FROM unnest(:workspaces::uuid[], :ids::uuid[], :inbound::timestamptz[], :ads::timestamptz[],
            :profiles::timestamptz[], :profile_states::text[])
    AS new (workspace_id, id, last_inbound_at, ad_inbound_at, profile_at, profile_state)
WHERE identities.workspace_id = new.workspace_id AND identities.id = new.id;

-- name: assign_aliases(workspaces, channels, kinds, names, identities)!
UPDATE identity_aliases SET identity_id = new.identity_id
FROM unnest(:workspaces::uuid[], :channels::uuid[], :kinds::text[], :names::text[],
            :identities::uuid[]) AS new (workspace_id, channel_id, kind, value, identity_id)
WHERE identity_aliases.workspace_id = new.workspace_id
  AND identity_aliases.channel_id = new.channel_id
  AND identity_aliases.kind = new.kind AND identity_aliases.value = new.value;

-- name: insert_conversations(workspaces, ids, channels, identities, contacts, kinds, statuses, handlers, unread, last_seqs, last_inbound, last_at, previews, authors, owners, owned, closed_at, closed_by, created)!
INSERT INTO conversations (workspace_id, id, channel_id, identity_id, contact_id, kind, status,
                           handler, unread_count, last_seq, last_inbound_seq, last_message_at,
                           last_preview, last_author, thread_owner, thread_owner_at, closed_at,
                           closed_by, created_at)
SELECT * FROM unnest(:workspaces::uuid[], :ids::uuid[], :channels::uuid[], :identities::uuid[],
                     :contacts::uuid[], :kinds::text[], :statuses::smallint[], :handlers::text[],
                     :unread::integer[], :last_seqs::integer[], :last_inbound::integer[],
                     :last_at::timestamptz[], :previews::text[], :authors::text[],
                     :owners::text[], :owned::timestamptz[], :closed_at::timestamptz[],
                     :closed_by::text[], :created::timestamptz[]);

-- The WHERE repeats the status machine: a status moves along an allowed edge or not at all.
-- name: update_conversations(workspaces, ids, statuses, pending, handlers, epochs, assignees, unread, read_seqs, last_seqs, last_inbound, last_at, previews, authors, closed_at, closed_by, close_epochs, ai_from, owners, owned, scores, comments, rated, versions)
UPDATE conversations SET
    status = new.status, pending_reason = new.pending_reason, handler = new.handler,
    handler_epoch = new.handler_epoch, assignee_id = new.assignee_id,
    unread_count = new.unread_count, read_seq = new.read_seq, last_seq = new.last_seq,
    last_inbound_seq = new.last_inbound_seq, last_message_at = new.last_message_at,
    last_preview = new.last_preview, last_author = new.last_author, closed_at = new.closed_at,
    closed_by = new.closed_by, close_epoch = new.close_epoch,
    ai_context_from_seq = new.ai_context_from_seq, thread_owner = new.thread_owner,
    thread_owner_at = new.thread_owner_at, csat_customer = new.csat_customer,
    csat_customer_comment = new.csat_customer_comment,
    csat_customer_at = new.csat_customer_at, version = new.version
FROM unnest(:workspaces::uuid[], :ids::uuid[], :statuses::smallint[], :pending::text[],
            :handlers::text[], :epochs::integer[], :assignees::uuid[], :unread::integer[],
            :read_seqs::integer[], :last_seqs::integer[], :last_inbound::integer[],
            :last_at::timestamptz[], :previews::text[], :authors::text[],
            :closed_at::timestamptz[], :closed_by::text[], :close_epochs::integer[],
            :ai_from::integer[], :owners::text[], :owned::timestamptz[], :scores::smallint[],
            :comments::text[], :rated::timestamptz[], :versions::integer[])
    AS new (workspace_id, id, status, pending_reason, handler, handler_epoch, assignee_id,
            unread_count, read_seq, last_seq, last_inbound_seq, last_message_at, last_preview,
            last_author, closed_at, closed_by, close_epoch, ai_context_from_seq, thread_owner,
            thread_owner_at, csat_customer, csat_customer_comment, csat_customer_at, version)
WHERE conversations.workspace_id = new.workspace_id AND conversations.id = new.id
  AND (conversations.status, new.status) IN (
      (0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 0), (2, 2), (2, 3), (3, 2), (3, 3)
  )
RETURNING conversations.id;

-- name: insert_sources(workspaces, conversations, pages, titles, referrers, utms, languages, zones, screens, agents, ips)!
INSERT INTO conversation_sources (workspace_id, conversation_id, page_url, page_title, referrer,
                                  utm, language, time_zone, screen, user_agent, ip)
SELECT * FROM unnest(:workspaces::uuid[], :conversations::uuid[], :pages::text[], :titles::text[],
                     :referrers::text[], :utms::jsonb[], :languages::text[], :zones::text[],
                     :screens::text[], :agents::text[], :ips::cidr[]);

-- name: insert_visitor_ips(workspaces, ids, conversations, sealed, ats)!
INSERT INTO visitor_ips (workspace_id, id, conversation_id, sealed, at)
SELECT * FROM unnest(:workspaces::uuid[], :ids::uuid[], :conversations::uuid[], :sealed::text[],
                     :ats::timestamptz[])
ON CONFLICT (workspace_id, id) DO NOTHING;

-- name: insert_status_changes(workspaces, ids, conversations, befores, afters, reasons, actor_types, actors, now)!
INSERT INTO status_changes (workspace_id, id, conversation_id, from_status, to_status, reason,
                            actor_type, actor_id, at)
SELECT new.*, :now FROM unnest(:workspaces::uuid[], :ids::uuid[], :conversations::uuid[],
    :befores::smallint[], :afters::smallint[], :reasons::text[], :actor_types::text[],
    :actors::text[]) AS new;

-- name: insert_messages(workspaces, conversations, seqs, ids, channels, directions, kinds, author_types, authors, names, parts, clients, replies, forwarded, referrals, reactions, edited, deleted, sent, created, quiet, hidden, blocked)!
INSERT INTO messages (workspace_id, conversation_id, seq, id, channel_id, direction, kind,
                      author_type, author_id, author_name, parts, client_msg_id, reply_to, forwarded,
                      referral, reactions, edited_at, deleted_at, sent_at, created_at,
                      quiet, hidden, blocked)
SELECT * FROM unnest(:workspaces::uuid[], :conversations::uuid[], :seqs::integer[], :ids::uuid[],
                     :channels::uuid[], :directions::text[], :kinds::text[], :author_types::text[],
                     :authors::text[], :names::text[], :parts::jsonb[], :clients::text[],
                     :replies::text[], :forwarded::boolean[], :referrals::jsonb[],
                     :reactions::jsonb[], :edited::timestamptz[], :deleted::timestamptz[],
                     :sent::timestamptz[], :created::timestamptz[],
                     :quiet::boolean[], :hidden::boolean[], :blocked::boolean[]);

-- name: update_messages(workspaces, ids, kinds, parts, replies, forwarded, referrals, reactions, edited, deleted, quiet, hidden, versions)!
UPDATE messages SET kind = new.kind, parts = new.parts, reply_to = new.reply_to,
                    forwarded = new.forwarded, referral = new.referral,
                    reactions = new.reactions, edited_at = new.edited_at,
                    deleted_at = new.deleted_at, quiet = new.quiet, hidden = new.hidden,
                    version = new.version
FROM unnest(:workspaces::uuid[], :ids::uuid[], :kinds::text[], :parts::jsonb[],
            :replies::text[], :forwarded::boolean[], :referrals::jsonb[], :reactions::jsonb[],
            :edited::timestamptz[], :deleted::timestamptz[], :quiet::boolean[], :hidden::boolean[],
            :versions::integer[])
    AS new (workspace_id, id, kind, parts, reply_to, forwarded, referral, reactions, edited_at,
            deleted_at, quiet, hidden, version)
WHERE messages.workspace_id = new.workspace_id AND messages.id = new.id;

-- name: insert_deliveries(workspaces, messages, parts, conversations, channels, seqs, attempts, ranks, implied, shown, stages, priorities, problems, queued, dispatched, changed)!
INSERT INTO deliveries (workspace_id, message_id, part, conversation_id, channel_id, seq, attempt,
                        rank, implied, shown, stage, priority, problem, queued_at, dispatched_at,
                        changed_at)
SELECT * FROM unnest(:workspaces::uuid[], :messages::uuid[], :parts::smallint[],
                     :conversations::uuid[], :channels::uuid[], :seqs::integer[],
                     :attempts::smallint[], :ranks::smallint[], :implied::smallint[],
                     :shown::smallint[], :stages::smallint[], :priorities::smallint[],
                     :problems::jsonb[], :queued::timestamptz[], :dispatched::timestamptz[],
                     :changed::timestamptz[]);

-- name: update_deliveries(workspaces, messages, parts, attempts, ranks, implied, shown, stages, problems, dispatched, changed)!
UPDATE deliveries SET attempt = new.attempt, rank = new.rank, implied = new.implied,
                      shown = new.shown, stage = new.stage, problem = new.problem,
                      dispatched_at = new.dispatched_at, changed_at = new.changed_at
FROM unnest(:workspaces::uuid[], :messages::uuid[], :parts::smallint[], :attempts::smallint[],
            :ranks::smallint[], :implied::smallint[], :shown::smallint[], :stages::smallint[],
            :problems::jsonb[], :dispatched::timestamptz[], :changed::timestamptz[])
    AS new (workspace_id, message_id, part, attempt, rank, implied, shown, stage, problem,
            dispatched_at, changed_at)
WHERE deliveries.workspace_id = new.workspace_id AND deliveries.message_id = new.message_id
  AND deliveries.part = new.part;

-- name: update_references(workspaces, channels, providers, messages, attempts, parts, held, echoes)!
UPDATE external_refs SET message_id = new.message_id, attempt = new.attempt, part = new.part,
                         held = new.held, echo_until = new.echo_until
FROM unnest(:workspaces::uuid[], :channels::uuid[], :providers::text[], :messages::uuid[],
            :attempts::smallint[], :parts::smallint[], :held::jsonb[], :echoes::timestamptz[])
    AS new (workspace_id, channel_id, provider_id, message_id, attempt, part, held, echo_until)
WHERE external_refs.workspace_id = new.workspace_id
  AND external_refs.channel_id = new.channel_id
  AND external_refs.provider_id = new.provider_id;

-- name: insert_files(workspaces, ids, keys, purposes, mime_types, sizes, hashes, filenames, creators, created, purges)!
INSERT INTO files (workspace_id, id, key, purpose, mime_type, size, sha256, filename, created_by,
                   created_at, purge_at)
SELECT * FROM unnest(:workspaces::uuid[], :ids::uuid[], :keys::text[], :purposes::text[],
                     :mime_types::text[], :sizes::bigint[], :hashes::text[], :filenames::text[],
                     :creators::text[], :created::timestamptz[], :purges::timestamptz[])
ON CONFLICT (workspace_id, key) DO UPDATE SET purge_at = NULL WHERE excluded.purge_at IS NULL;

-- name: purge_files(workspaces, ids, now)!
UPDATE files SET purge_at = :now
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS gone (workspace_id, id)
WHERE files.workspace_id = gone.workspace_id AND files.id = gone.id AND files.purge_at IS NULL;

-- name: insert_unsupported(workspaces, events, channels, messages, kinds, whys, raws, besides, normalizers, received)!
INSERT INTO unsupported_items (workspace_id, event_id, channel_id, message_id, kind, why, raw,
                               beside, normalizer, received_at)
SELECT * FROM unnest(:workspaces::uuid[], :events::text[], :channels::uuid[],
    :messages::uuid[], :kinds::text[], :whys::text[], :raws::text[], :besides::text[],
    :normalizers::integer[], :received::timestamptz[])
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

-- name: raise_items(workspaces, events, kinds, normalizers)!
UPDATE unsupported_items SET kind = new.kind, normalizer = new.normalizer
FROM unnest(:workspaces::uuid[], :events::text[], :kinds::text[], :normalizers::integer[])
    AS new (workspace_id, event_id, kind, normalizer)
WHERE unsupported_items.workspace_id = new.workspace_id
  AND unsupported_items.event_id = new.event_id;

-- name: delete_items(workspaces, events)!
DELETE FROM unsupported_items USING unnest(:workspaces::uuid[], :events::text[])
    AS gone (workspace_id, event_id)
WHERE unsupported_items.workspace_id = gone.workspace_id
  AND unsupported_items.event_id = gone.event_id;
