-- migrate:up
-- An adapter that shows people their own threads names a channel by its account, and no workspace:
-- sluice_api learns by this function which workspace to confine itself to, and nothing else.

CREATE FUNCTION visitor_channel(wanted_type text, wanted_account text)
RETURNS TABLE (workspace_id uuid, id uuid)
LANGUAGE sql SECURITY DEFINER STABLE SET search_path = public, pg_temp AS $$
    SELECT c.workspace_id, c.id FROM channels c
    WHERE c.type = wanted_type AND c.account = wanted_account AND c.enabled
$$;

REVOKE ALL ON FUNCTION visitor_channel(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION visitor_channel(text, text) TO sluice_api;

-- migrate:down
