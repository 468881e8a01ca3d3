-- migrate:up
-- Functions that run with their owner's rights look for tables in our schema first: pg_temp, which
-- is searched before all others unless it is named, may hold a caller's table of the same name.

DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT oid::regprocedure FROM pg_proc
        WHERE prosecdef AND pronamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_temp', f);
    END LOOP;
END
$$;

-- migrate:down
