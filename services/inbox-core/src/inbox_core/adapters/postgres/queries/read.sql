-- Read: what screens are shown besides the conversation list (listing.py). No locks.
-- Called by reading.py only.

-- name: conversation(workspace, conversation)^
SELECT workspace_id, id, channel_id, identity_id, contact_id, kind, status, pending_reason, handler,
       handler_epoch, assignee_id, unread_count, read_seq, last_seq, last_inbound_seq,
       last_message_at, last_preview, last_author, closed_at, closed_by, close_epoch,
       ai_context_from_seq, thread_owner, thread_owner_at, csat_customer, csat_customer_comment,
       csat_customer_at, version, created_at
FROM conversations WHERE workspace_id = :workspace AND id = :conversation;

-- name: source(workspace, conversation)^
SELECT workspace_id, conversation_id, page_url, page_title, referrer, utm, language, time_zone,
       screen, user_agent, ip
FROM conversation_sources WHERE workspace_id = :workspace AND conversation_id = :conversation;

-- name: conversation_last_seq(workspace, conversation)$
SELECT last_seq FROM conversations WHERE workspace_id = :workspace AND id = :conversation;

-- name: messages_before(workspace, conversation, seq, most)
SELECT workspace_id, conversation_id, seq, id, channel_id, direction, kind, author_type, author_id,
       author_name, parts, client_msg_id, reply_to, forwarded, referral, reactions, edited_at,
       deleted_at, sent_at, created_at, quiet, hidden, blocked, version
FROM messages WHERE workspace_id = :workspace AND conversation_id = :conversation AND seq < :seq
  AND NOT hidden ORDER BY seq DESC LIMIT :most;

-- name: messages_after(workspace, conversation, seq, most)
SELECT workspace_id, conversation_id, seq, id, channel_id, direction, kind, author_type, author_id,
       author_name, parts, client_msg_id, reply_to, forwarded, referral, reactions, edited_at,
       deleted_at, sent_at, created_at, quiet, hidden, blocked, version
FROM messages WHERE workspace_id = :workspace AND conversation_id = :conversation AND seq > :seq
  AND NOT hidden ORDER BY seq LIMIT :most;

-- name: channels_of(workspace)
SELECT workspace_id, id, type, account, name, enabled, version, parent, config
FROM channels WHERE workspace_id = :workspace ORDER BY created_at, id LIMIT 1000;

-- name: members_of(workspace)
SELECT user_id, name, role FROM members WHERE workspace_id = :workspace
ORDER BY created_at, user_id LIMIT 1000;
