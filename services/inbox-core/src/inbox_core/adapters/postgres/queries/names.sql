-- Names: what members are called before customers. Called by names.py only.

-- name: member_names(workspaces, ids)
SELECT user_id, name
FROM unnest(:workspaces::uuid[], :ids::uuid[]) AS wanted (workspace_id, user_id)
JOIN members USING (workspace_id, user_id);
